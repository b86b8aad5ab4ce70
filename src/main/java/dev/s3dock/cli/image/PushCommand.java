package dev.s3dock.cli.image;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.audit.PushEvent;
import dev.s3dock.transfer.push.PushResult;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "push",
    description = {
      "Publish an image of the engine, or of a file or folder.",
      "An image that is already published is not uploaded again. If another image is published under this reference, its archive is first copied to archive/."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock push myapp:20250721-2118-f7a5a27",
      "  s3dock push myapp:20250721-2118-f7a5a27 --from image.tar",
      "  docker save myapp:latest | s3dock push myapp:20250721-2118-f7a5a27 --from -"
    })
public final class PushCommand extends Action {
  @Parameters(paramLabel = "REF", description = "Image reference, APP:YYYYMMDD-HHMM-hash.")
  String reference = "";

  @Option(
      names = "--from",
      paramLabel = "PATH",
      description =
          "A docker save tar, an OCI archive (either plain, gzip or zstd) or an OCI layout folder,"
              + " instead of the engine's image; - reads an archive from standard input.")
  @Nullable Path from;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "With --from: platform of the image to push, if there are several.")
  @Nullable String platform;

  @Option(
      names = "--force",
      description =
          "Upload the image even if it is already published, to repair a damaged archive; the old archive is kept in archive/.")
  boolean force;

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    ImageReference image = ImageReference.parse(reference);
    PushResult pushed =
        from == null
            ? wiring.transfers().pusher(force).push(image, wiring.engine(), reference)
            : wiring.transfers().pusher(force).push(image, source());
    output.result("push", describe(pushed), data -> write(pushed, data));
  }

  private ImageSource source() throws IOException {
    Path given = from == null ? Path.of("") : from;
    ImageSource source =
        (given.equals(Path.of("-"))
                ? ImageSource.ofStream(root().process().in(), "standard input")
                : ImageSource.of(root().process().workingDirectory().resolve(given)))
            .withReference(reference);
    return platform == null ? source : source.withPlatform(Platform.parse(platform));
  }

  static String describe(PushResult result) {
    PushEvent pushed = result.event();
    return pushed.skipped()
        ? "%s is already published, nothing to upload".formatted(pushed.image())
        : "pushed %s to %s (%s%s)%s"
            .formatted(
                pushed.image(),
                pushed.archive(),
                Sizes.of(pushed.size()),
                result.bytesReused() == 0
                    ? ""
                    : "; %s sent, the rest was in the bucket"
                        .formatted(Sizes.of(result.bytesSent())),
                pushed.archived() ? "; the image it replaces is kept in archive/" : "");
  }

  static void write(PushResult result, JsonGenerator data) throws IOException {
    write(result.event(), data);
    data.writeNumberField("bytes_sent", result.bytesSent());
    data.writeNumberField("bytes_reused", result.bytesReused());
  }

  static void write(PushEvent pushed, JsonGenerator data) throws IOException {
    data.writeStringField("image_ref", pushed.image());
    data.writeStringField("s3_key", pushed.archive());
    data.writeStringField("checksum", pushed.checksum());
    data.writeNumberField("size", pushed.size());
    data.writeBooleanField("skipped", pushed.skipped());
    data.writeBooleanField("archived", pushed.archived());
  }
}
