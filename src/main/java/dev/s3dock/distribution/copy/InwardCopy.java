package dev.s3dock.distribution.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.source.UnsuitableImageException;
import dev.s3dock.distribution.client.OciRepository;
import dev.s3dock.distribution.client.OciRepository.Manifest;
import dev.s3dock.distribution.client.RegistryReference;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.PushResult;
import dev.s3dock.transfer.push.Pusher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Copies an image out of a registry: each platform becomes an archive, as a push would make it. The
 * layers stream, and every byte is verified. What is published already is not fetched.
 */
public final class InwardCopy {
  private final Images images;
  private final Pusher pusher;
  private final TransferProgress progress;

  /** Publishes with this pusher. */
  public InwardCopy(Images images, Pusher pusher, TransferProgress progress) {
    this.images = images;
    this.pusher = pusher;
    this.progress = progress;
  }

  /** One platform of what was copied. */
  public sealed interface Copied {
    /** It was pushed, or found to be published. */
    record Pushed(PushResult result) implements Copied {}

    /** It is published already, so that nothing was fetched. */
    record Known(Published image) implements Copied {}
  }

  /**
   * Copies.
   *
   * @param platform that is wanted alone; empty for all
   * @param done is told of each when it is published
   * @throws UnsuitableImageException if there is no image of that platform
   */
  public void copy(
      OciRepository from,
      RegistryReference name,
      ImageReference to,
      Optional<Platform> platform,
      Consumer<Copied> done)
      throws IOException {
    Manifest top = from.manifest(name.wanted());
    List<ObjectNode> chosen = chosen(top, name, platform);
    for (ObjectNode descriptor : chosen) {
      done.accept(copyOne(from, name, to, descriptor));
    }
  }

  private static List<ObjectNode> chosen(
      Manifest top, RegistryReference name, Optional<Platform> platform) throws IOException {
    JsonNode json = Json.parse(top.bytes(), name.toString());
    if (!json.has("manifests")) {
      return List.of(
          Json.object()
              .put("mediaType", top.mediaType())
              .put("digest", top.digest().toString())
              .put("size", top.bytes().length));
    }
    List<ObjectNode> all = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (JsonNode descriptor : json.path("manifests")) {
      if (!(descriptor instanceof ObjectNode object) || isAttestation(object)) {
        continue;
      }
      String runsOn = platform(object);
      if (platform.isEmpty() || suits(runsOn, platform.get())) {
        all.add(object);
      } else {
        others.add(runsOn);
      }
    }
    if (all.isEmpty()) {
      throw new TransferException(
          TransferException.Kind.NOT_FOUND,
          "%s holds no image%s, only: %s"
              .formatted(
                  name,
                  platform.map(it -> " for " + it).orElse(""),
                  Printable.of(String.join(", ", others))));
    }
    return all;
  }

  private static boolean isAttestation(JsonNode descriptor) {
    return descriptor.path("annotations").has("vnd.docker.reference.type")
        || descriptor.path("platform").path("os").asText().equals("unknown");
  }

  private static String platform(JsonNode descriptor) {
    JsonNode platform = descriptor.path("platform");
    String variant = platform.path("variant").asText();
    return platform.path("os").asText()
        + "/"
        + platform.path("architecture").asText()
        + (variant.isEmpty() ? "" : "/" + variant);
  }

  /** Without a variant, any variant will do. */
  private static boolean suits(String runsOn, Platform wanted) {
    return runsOn.equals(wanted.toString())
        || (wanted.variant().isEmpty() && runsOn.startsWith(wanted + "/"));
  }

  private Copied copyOne(
      OciRepository from, RegistryReference name, ImageReference to, ObjectNode descriptor)
      throws IOException {
    RepositoryBlobs blobs = new RepositoryBlobs(from);
    Digest digest = Json.digest(descriptor.path("digest"), name.toString());
    blobs.expect(digest);
    Optional<Published> known = known(blobs, digest, to);
    if (known.isPresent()) {
      images.writes().ensureManifest(known.get()).ifPresent(progress::warn);
      return new Copied.Known(known.get());
    }
    ObjectNode index = Json.object().put("schemaVersion", 2);
    index.putArray("manifests").add(descriptor);
    return new Copied.Pushed(
        pusher.push(to, ImageSource.ofBlobs(blobs, Json.bytes(index), name.toString())));
  }

  /** The image by its config, if it is published under this reference and not damaged. */
  private Optional<Published> known(RepositoryBlobs blobs, Digest manifest, ImageReference to)
      throws IOException {
    byte[] bytes = blobs.document(manifest).orElseThrow();
    String config =
        Json.parse(bytes, "manifest " + manifest).path("config").path("digest").asText();
    return images.find(to).map(images::platforms).orElse(List.of()).stream()
        .filter(published -> isOf(published, config))
        .findFirst();
  }

  private static boolean isOf(Published published, String config) {
    try {
      return PublishedIndex.parse(published)
          .filter(index -> index.imageId().toString().equals(config))
          .isPresent();
    } catch (CorruptArchiveException e) {
      return false; // the push replaces it
    }
  }
}
