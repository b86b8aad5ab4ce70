package dev.s3dock.cli.render;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.oci.ImageSettings;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.reference.Referrers.Found;
import dev.s3dock.transfer.pull.Inspector.Contents;
import dev.s3dock.transfer.pull.Inspector.Details;
import dev.s3dock.transfer.pull.Inspector.Neighbour;
import java.util.Collection;
import java.util.stream.Collectors;

/** What is known of an image, for people: a name and a value on each line. */
public final class InspectText {
  private final StringBuilder out = new StringBuilder();

  private InspectText() {}

  public static String of(Inspected inspected) {
    InspectText text = new InspectText();
    text.line("image", inspected.image().toString());
    text.referrers(inspected.referrers());
    inspected.platforms().forEach(text::platform);
    return text.out.toString().stripTrailing();
  }

  private void referrers(Found found) {
    line("versions", joined(found.versions()));
    line(
        "environments",
        joined(
            found.environments().stream()
                .map(e -> e.environment() + e.version().map(v -> " (" + v + ")").orElse(""))
                .toList()));
    line(
        "hosts",
        joined(
            found.hosts().stream()
                .map(
                    h -> "%s (%s%s)".formatted(h.host(), h.environment(), h.live() ? "" : ", kept"))
                .toList()));
  }

  private void platform(Details details) {
    Published published = details.published();
    out.append('\n');
    line(
        "platform",
        details
            .contents()
            .map(contents -> contents.index().platform().toString())
            .or(() -> published.key().platform())
            .orElse("(unknown)"));
    line("archive", published.archive().value());
    line("size", Sizes.of(details.archive().size()));
    line("md5", published.metadata().checksum());
    line("stored", AuditRows.time(details.archive().lastModified()));
    details
        .contents()
        .ifPresentOrElse(
            this::contents,
            () ->
                line(
                    "index",
                    "not available: the original s3dock wrote this archive; pull the image to see its config and layers"));
  }

  private void contents(Contents contents) {
    ArchiveIndex index = contents.index();
    line("uncompressed", Sizes.of(index.rawSize()));
    line("compression", index.compression() + index.compressor().map(by -> ", " + by).orElse(""));
    line("image id", index.imageId().toString());
    settings(contents.settings());
    shared(contents);
    out.append("layers\n");
    index.layers().forEach(this::layer);
  }

  private void settings(ImageSettings settings) {
    line("created", settings.created());
    line("entrypoint", words(settings.entrypoint()));
    line("command", words(settings.command()));
    line("variables", joined(settings.environmentNames()));
    line("ports", joined(settings.ports()));
    line("user", settings.user());
    line("folder", settings.workingDirectory());
    settings.labels().forEach((name, value) -> line("label", name + "=" + value));
  }

  private void shared(Contents contents) {
    line("shared", Sizes.of(contents.shared()) + " in chunks with:");
    for (Neighbour neighbour : contents.neighbours()) {
      String platform = neighbour.image().key().platform().map(p -> " " + p).orElse("");
      line(
          "", neighbour.image().key().reference() + platform + "  " + Sizes.of(neighbour.shared()));
    }
  }

  private void layer(LayerEntry layer) {
    int chunks = layer.chunks().size();
    out.append(
        "  %s  %s, uncompressed %s, %d %s%n"
            .formatted(
                layer.diffId(),
                Sizes.of(layer.end() - layer.offset()),
                Sizes.of(layer.size()),
                chunks,
                chunks == 1 ? "chunk" : "chunks"));
  }

  private static String words(Collection<String> arguments) {
    return arguments.stream().map(word -> '"' + word + '"').collect(Collectors.joining(" "));
  }

  private static String joined(Collection<?> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private void line(String name, String value) {
    out.append("%-14s%s%n".formatted(name, value.isEmpty() ? "-" : Printable.of(value)));
  }
}
