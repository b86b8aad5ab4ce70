package dev.s3dock.cli.bucket;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.cli.invocation.Farewell;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.AccessLines;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.ListenAddress;
import dev.s3dock.cli.wiring.ServeWiring;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.ByteSize;
import dev.s3dock.distribution.server.DistributionServer;
import dev.s3dock.distribution.server.Htpasswd;
import dev.s3dock.distribution.server.ServerSettings;
import dev.s3dock.distribution.server.ServerTls;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "serve",
    customSynopsis = "s3dock serve [OPTIONS] [APP...]",
    description = {
      "Serve the bucket as a read-only registry, until interrupted.",
      "Docker, containerd, podman, Kubernetes and everything else that pulls from an OCI registry can pull from it: `docker pull 127.0.0.1:5000/myapp:production`. The repository is the app; the tag is a version, an environment (what it points at at that moment) or the stamp-hash of an image; pulls by digest work as well.",
      "Without options it listens on 127.0.0.1, without TLS. Any other address needs --tls-cert and --tls-key, and --auth-file or --tls-client-ca; or --insecure.",
      "Prints its address to stdout, and a line for each request to stderr. /healthz says that it runs, /metrics is for Prometheus. On SIGTERM and Ctrl-C it takes no more requests, and transfers that are under way get five minutes to finish."
    },
    footerHeading = "%nExample:%n",
    footer = {"  s3dock serve", "  s3dock serve myapp --listen 127.0.0.1:5001"})
public final class ServeCommand extends Action {
  private static final String DEFAULT_CACHE = "20GiB";

  @Parameters(
      arity = "0..*",
      paramLabel = "APP",
      description = "Serve only these apps (default: all in the bucket).")
  List<String> apps = new ArrayList<>();

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      description =
          "Address and port (default: 127.0.0.1:5000). Port 0 is any free one, see stdout.")
  String listen = "127.0.0.1:5000";

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Certificate, with those that lead to its authority (PEM).")
  @Nullable Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key (PEM).")
  @Nullable Path key;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description =
          "Let in clients with a certificate of these authorities (PEM); with --auth-file, also users with a password.")
  @Nullable Path clientAuthorities;

  @Option(
      names = "--auth-file",
      paramLabel = "FILE",
      description = "Let in these users, as `htpasswd -B` writes them; read again when it changes.")
  @Nullable Path users;

  @Option(
      names = "--insecure",
      description = "Listen beyond this machine without TLS, or without credentials.")
  boolean insecure;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Keep what was fetched in this folder, so that other hosts and later versions need less of the bucket.")
  @Nullable Path cache;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      description = "The most that is kept there, such as 500MiB (default: 20GiB).")
  @Nullable String cacheSize;

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    ServerSettings settings = settings();
    ServeWiring serving = new ServeWiring(wiring, root().process(), allowed(), cache(wiring));
    AccessLines log = new AccessLines(root().process(), output.isJson(), root().quiet);
    Farewell.takes(settings.grace());
    try (serving;
        DistributionServer server = DistributionServer.start(settings, serving.parts(log))) {
      String address = server.uri().toString();
      output.result(
          "serve",
          address,
          data -> {
            data.writeStringField("address", address);
            data.flush();
            if (output.isJson()) {
              awaitEnd();
            }
          });
      if (!output.isJson()) {
        awaitEnd();
      }
    }
  }

  private ChunkCache cache(Wiring wiring) {
    if (cache == null) {
      if (cacheSize != null) {
        throw new UsageException("--cache-size needs --cache");
      }
      return ChunkCache.none();
    }
    String size = cacheSize == null ? DEFAULT_CACHE : cacheSize;
    long bytes =
        ByteSize.parse(size)
            .filter(it -> it > 0)
            .orElseThrow(
                () ->
                    new UsageException(
                        "--cache-size must be a size such as 500MiB or 20GiB, not %s"
                            .formatted(Printable.of(size))));
    return wiring.transfers().cacheAt(file(cache), Limit.of(bytes));
  }

  private Optional<Set<AppName>> allowed() {
    return apps.isEmpty()
        ? Optional.empty()
        : Optional.of(
            apps.stream().map(AppName::new).collect(Collectors.toCollection(LinkedHashSet::new)));
  }

  /** Until this thread is interrupted, which is how a command is told to end. */
  private static void awaitEnd() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // the server ends now: this thread has to wait for it
    }
  }

  private ServerSettings settings() {
    InetSocketAddress address = ListenAddress.parse("--listen", listen);
    if ((certificate == null) != (key == null)) {
      throw new UsageException("--tls-cert and --tls-key belong together");
    }
    if (clientAuthorities != null && certificate == null) {
      throw new UsageException("--tls-client-ca needs --tls-cert and --tls-key");
    }
    if (!insecure && !address.getAddress().isLoopbackAddress()) {
      requireSecure();
    }
    try {
      return ServerSettings.of(address, tls(), users());
    } catch (ServerTls.UnusableException | Htpasswd.UnusableException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private void requireSecure() {
    if (certificate == null) {
      throw new UsageException(
          "%s can be reached from other machines: add --tls-cert and --tls-key, or --insecure"
              .formatted(listen));
    }
    if (users == null && clientAuthorities == null) {
      throw new UsageException(
          "%s can be reached from other machines: add --auth-file or --tls-client-ca, or --insecure"
              .formatted(listen));
    }
  }

  private Optional<ServerTls> tls() throws ServerTls.UnusableException {
    return certificate == null || key == null
        ? Optional.empty()
        : Optional.of(
            ServerTls.read(
                file(certificate),
                file(key),
                Optional.ofNullable(clientAuthorities).map(this::file)));
  }

  private Optional<Htpasswd> users() throws Htpasswd.UnusableException {
    return users == null ? Optional.empty() : Optional.of(Htpasswd.read(file(users)));
  }

  private Path file(Path named) {
    return root().process().workingDirectory().resolve(named);
  }
}
