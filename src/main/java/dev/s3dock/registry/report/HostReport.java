package dev.s3dock.registry.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoredObject;
import java.time.Instant;
import java.util.Optional;

/**
 * What one host says.
 *
 * @param environment the folder that the report lies in
 * @param image live there, or what was last; empty if nothing ever was
 * @param previous the image that could be live again at once; empty if none is kept
 * @param colour {@code blue} or {@code green}
 * @param deployment which deployment brought it
 * @param since when it went live, RFC 3339
 * @param heartbeat when the host last said so, RFC 3339
 * @param agent what its agent says; empty if none does
 * @param written when, by the store's clock; empty where that is not known
 */
public record HostReport(
    String environment,
    String host,
    Optional<ImageReference> image,
    Optional<ImageReference> previous,
    String colour,
    String deployment,
    String since,
    String heartbeat,
    Optional<AgentReport> agent,
    Optional<Instant> written) {
  /** More than any report has. */
  public static final int MAX_BYTES = 1 << 20;

  HostReport written(Instant at) {
    return new HostReport(
        environment,
        host,
        image,
        previous,
        colour,
        deployment,
        since,
        heartbeat,
        agent,
        Optional.of(at));
  }

  /**
   * Reads a report.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if it is none
   */
  public static HostReport parse(StoredObject object) {
    ObjectNode document = Documents.parse(object.key(), object.content());
    return new HostReport(
        object.key().value().split("/", -1)[2],
        Documents.requiredText(object.key(), document, "host"),
        live(object.key(), document),
        Optional.of(Documents.text(document, "previous_image"))
            .filter(text -> !text.isEmpty())
            .map(text -> image(object.key(), text)),
        Documents.text(document, "colour"),
        Documents.text(document, "deployment"),
        Documents.text(document, "live_since"),
        Documents.text(document, "heartbeat"),
        AgentReport.of(document),
        Optional.empty());
  }

  /** An agent reports also where nothing has ever been live. */
  private static Optional<ImageReference> live(ObjectKey key, ObjectNode document) {
    return document.has(AgentReport.FIELD) && !document.has("image_reference")
        ? Optional.empty()
        : Optional.of(image(key, Documents.requiredText(key, document, "image_reference")));
  }

  private static ImageReference image(ObjectKey key, String text) {
    try {
      return ImageReference.parse(text);
    } catch (InvalidNameException e) {
      throw Documents.corrupt(key, "names no image: " + Printable.of(text));
    }
  }
}
