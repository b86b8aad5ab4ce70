package dev.s3dock.cli.image;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.ImageWords;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineInfo;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.Resolver.Resolved;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.LocalImages;
import dev.s3dock.transfer.pull.PullResult;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "pull",
    customSynopsis = {
      "s3dock pull [OPTIONS] REF",
      "s3dock pull [OPTIONS] [APP] ENVIRONMENT|VERSION|stamp-hash"
    },
    description = {
      "Pull an image into the engine, or into a file or folder.",
      "Name it by environment, by version, or by commit. Every byte is verified. Layers that the engine already has are not downloaded, nor what an earlier pull has left in the cache of this host. With --to, content of an older archive or layout at that path is reused, and an interrupted pull to a file continues where it stopped."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock pull myapp production --keep 3",
      "  s3dock pull myapp:v1.2.0 --to image.tar.gz",
      "  s3dock pull myapp v1.2.0 --to - | docker load"
    })
public final class PullCommand extends Action {
  @Mixin ImageWords words = new ImageWords();

  @Option(
      names = "--to",
      paramLabel = "FILE|DIR",
      description =
          "Write the archive to a file, to standard output (-), or an OCI layout to a folder (an existing one, or a name that ends in /). Needs no engine.")
  @Nullable String to;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description =
          "Platform of the image (default: the engine's; with --to, the first published).")
  @Nullable String platform;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description =
          "Keep N images of the app in the engine, this one included, and remove the others, except"
              + " those that s3dock cleanup --local keeps too: used by a container, needed by an"
              + " environment or for a rollback, or not published (default: all are kept).")
  @Nullable Integer keep;

  /** What stands for the standard output, since it is better not opened a second time. */
  private static final Set<String> STREAM =
      Set.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    if (to != null && STREAM.contains(to)) {
      requireStream(output);
    }
    if (keep != null && (keep < 1 || to != null)) {
      throw new UsageException("--keep must be 1 or more, and cannot be used with --to");
    }
    if (to != null) {
      pullTo(wiring, output, words.resolve(wiring, names(wiring)), to);
    } else {
      pullIntoEngine(wiring, output);
    }
  }

  private void pullIntoEngine(Wiring wiring, Output output) throws IOException {
    Future<EngineInfo> asked = wiring.askEngine();
    Resolved resolved = words.resolve(wiring, names(wiring));
    Engine engine = wiring.engine();
    Platform own = Tasks.await(asked).platform();
    Platform wanted = wantedPlatform().orElse(own);
    Published image = wiring.transfers().platforms().pick(resolved.image(), wanted);
    ImageReference reference = image.key().reference();
    PullResult pulled = wiring.transfers().puller().pull(image, engine);
    List<ImageReference> removed = keep == null ? List.of() : removeOlder(wiring, reference, keep);
    List<String> lines = new ArrayList<>();
    lines.add(
        pulled.skipped()
            ? "%s is already in the engine".formatted(reference)
            : "pulled %s (%s)".formatted(reference, amount(pulled)));
    removed.forEach(old -> lines.add("removed " + old));
    report(output, resolved, image, String.join("\n", lines), pulled, removed);
  }

  /** By the rules of {@code cleanup --local}. What cannot be judged stays. */
  private static List<ImageReference> removeOlder(Wiring wiring, ImageReference pulled, int keep) {
    try {
      return new LocalImages(wiring.engine())
          .removeOlder(
              pulled,
              keep,
              wiring.registry().neededHere(pulled.app()),
              image -> wiring.registry().images().find(image).isPresent());
    } catch (RegistryException | StoreException e) {
      wiring.warn(
          "%s was pulled, but not all older images could be removed: %s"
              .formatted(pulled, e.getMessage()));
      return List.of();
    }
  }

  private static String amount(PullResult pulled) {
    String fetched = Sizes.of(pulled.bytesFetched());
    if (pulled.bytesSaved() == 0 && pulled.bytesCached() == 0) {
      return fetched;
    }
    StringBuilder text = new StringBuilder(fetched).append(" fetched");
    if (pulled.bytesCached() > 0) {
      text.append(", %s from the cache".formatted(Sizes.of(pulled.bytesCached())));
    }
    if (pulled.bytesSaved() > 0) {
      text.append(", %s reused".formatted(Sizes.of(pulled.bytesSaved())));
    }
    return text.toString();
  }

  private void requireStream(Output output) {
    if (output.isJson()) {
      throw new UsageException(
          "--json and --to - exclude each other: both write to standard output");
    }
    if (root().process().display().showsTables()) {
      throw new UsageException(
          "an archive is nothing for a terminal: pipe it (| docker load), or name a file");
    }
  }

  private static void pullToStream(Wiring wiring, PrintStream out, Published image)
      throws IOException {
    PullResult pulled = wiring.transfers().puller().pullToStream(image, out);
    out.flush();
    if (out.checkError()) {
      throw new IOException("standard output does not take the archive");
    }
    wiring.note("wrote %s (%s)".formatted(image.key().reference(), amount(pulled)));
  }

  private void pullTo(Wiring wiring, Output output, Resolved resolved, String destination)
      throws IOException {
    Published image =
        wantedPlatform()
            .map(wanted -> wiring.transfers().platforms().pick(resolved.image(), wanted))
            .orElseGet(resolved::image);
    if (STREAM.contains(destination)) {
      pullToStream(wiring, root().process().out(), image);
      return;
    }
    Path path = root().process().workingDirectory().resolve(destination);
    PullResult pulled =
        destination.endsWith("/") || Files.isDirectory(path)
            ? wiring.transfers().puller().pullToLayout(image, path)
            : wiring.transfers().puller().pullToFile(image, path);
    ImageReference reference = image.key().reference();
    String text =
        pulled.skipped()
            ? "%s is already in %s".formatted(reference, destination)
            : "wrote %s to %s (%s)".formatted(reference, destination, amount(pulled));
    report(output, resolved, image, text, pulled, List.of());
  }

  private Optional<Platform> wantedPlatform() {
    return Optional.ofNullable(platform).map(Platform::parse);
  }

  private static void report(
      Output output,
      Resolved resolved,
      Published image,
      String text,
      PullResult pulled,
      List<ImageReference> removed) {
    output.result(
        "pull",
        text,
        data -> {
          data.writeStringField("image_ref", image.key().reference().toString());
          data.writeStringField("source", resolved.source());
          data.writeStringField("source_type", resolved.sourceType());
          data.writeBooleanField("skipped", pulled.skipped());
          data.writeStringField("s3_key", image.archive().value());
          data.writeNumberField("size", image.metadata().size());
          data.writeNumberField("bytes_fetched", pulled.bytesFetched());
          data.writeNumberField("bytes_saved", pulled.bytesSaved());
          data.writeNumberField("bytes_cached", pulled.bytesCached());
          data.writeArrayFieldStart("removed");
          for (ImageReference reference : removed) {
            data.writeString(reference.toString());
          }
          data.writeEndArray();
        });
  }
}
