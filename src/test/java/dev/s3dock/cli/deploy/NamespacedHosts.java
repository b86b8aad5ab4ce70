package dev.s3dock.cli.deploy;

import dev.s3dock.cli.User;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.LoadBalancers.Daemon;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.WebImage;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Several {@link NamespacedHost}s of one bucket on an S3 server in this process. */
final class NamespacedHosts implements AutoCloseable {
  final List<NamespacedHost> hosts = new ArrayList<>();
  final User desk;
  final String bucket;
  private final String app;
  private final List<Integer> ports = new ArrayList<>();
  private final TestEngine builder;
  private Daemon doors;
  private int published;

  /** Starts so many, the first of which is the canary; publishes nothing yet. */
  NamespacedHosts(Path work, String app, int count, String name) {
    this.app = app;
    S3Server server = S3Servers.s3Mock();
    this.bucket = S3Servers.newBucket(server);
    this.builder = Engines.another20(name + "-builder");
    this.desk =
        new User(work.resolve("desk"))
            .with(builder.environment())
            .with("S3DOCK_BUCKET", bucket)
            .with("AWS_REGION", server.region())
            .with("AWS_ENDPOINT_URL", server.endpoint().toString());
    Path folder = LoadBalancers.folder("doors");
    Path s3 = folder.resolve("s3.sock");
    for (int i = 0; i < count; i++) {
      NamespacedHost host = new NamespacedHost("%s-%02d".formatted(name, i), work, s3);
      host.user().with("AWS_REGION", server.region());
      hosts.add(host);
      ports.add(LoadBalancers.freePort());
    }
    this.doors = doors(folder, s3, server);
  }

  /** From users to hosts and from hosts to the bucket: bytes as they are, nothing tried again. */
  private Daemon doors(Path folder, Path s3, S3Server server) {
    StringBuilder text =
        new StringBuilder(
            "defaults\n    mode tcp\n    retries 0\n    timeout connect 5s\n    timeout client 1h\n    timeout server 1h\n");
    text.append(
        "listen s3\n    bind unix@%s\n    server s3 127.0.0.1:%d\n"
            .formatted(s3, server.endpoint().getPort()));
    for (int i = 0; i < hosts.size(); i++) {
      text.append(
          "listen host%d\n    bind 127.0.0.1:%d\n    server host unix@%s\n"
              .formatted(i, ports.get(i), hosts.get(i).front()));
    }
    try {
      Path file = Files.writeString(folder.resolve("haproxy.cfg"), text);
      return Daemon.start(
          List.of(LoadBalancers.program("haproxy"), "-W", "-f", file.toString()),
          folder,
          () -> Files.exists(s3) && LoadBalancers.accepts(ports.getLast()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Builds, publishes and tags a version. */
  String publish(String version, Map<String, String> settings) {
    published++;
    String reference = "%s:20250701-12%02d-%07x".formatted(app, published, published);
    Map<String, String> all = new TreeMap<>(settings);
    all.putIfAbsent("VERSION", version);
    WebImage.build(builder, reference, all, "");
    desk.s3dock("push", reference).ok();
    desk.s3dock("tag", reference, version).ok();
    return reference;
  }

  void follow() {
    hosts.forEach(host -> host.follow(bucket));
  }

  /** Users of one host. */
  Load load(int host, Load.Mix mix) {
    return Load.start("127.0.0.1", ports.get(host), mix);
  }

  NamespacedHost canary() {
    return hosts.getFirst();
  }

  @Override
  public void close() {
    hosts.forEach(NamespacedHost::close);
    doors.close();
    builder.kill();
    builder.close();
  }
}
