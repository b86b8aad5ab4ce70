package dev.s3dock.archive.oci;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.Json;
import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Platform;
import java.util.ArrayList;
import java.util.List;

/**
 * The image config (OCI image-spec config.md): who the image is.
 *
 * @param bytes exactly as the image's builder wrote them; never changed
 * @param digest of these bytes: the image ID
 * @param diffIds of the layers from the base up; a repeated layer appears again
 */
@SuppressWarnings("ArrayRecordComponent") // identified by its digest, never compared
public record ImageConfig(byte[] bytes, Digest digest, Platform platform, List<Digest> diffIds) {

  public ImageConfig {
    diffIds = List.copyOf(diffIds);
  }

  /**
   * Reads a config.
   *
   * @throws CorruptArchiveException if it is none
   */
  public static ImageConfig parse(byte[] bytes) throws CorruptArchiveException {
    Digest digest = Digest.of(bytes);
    String what = "image config " + digest;
    JsonNode config = Json.parse(bytes, what);
    if (!config.path("rootfs").path("type").asText().equals("layers")) {
      throw new CorruptArchiveException(what + " lists no layers (rootfs)");
    }
    JsonNode list = config.path("rootfs").path("diff_ids");
    if (list.size() > FormatLimits.MAX_LAYERS) {
      throw new CorruptArchiveException(
          what + " lists more than " + FormatLimits.MAX_LAYERS + " layers");
    }
    List<Digest> diffIds = new ArrayList<>();
    for (JsonNode diffId : list) {
      diffIds.add(Json.digest(diffId, what));
    }
    return new ImageConfig(bytes, digest, platform(config, what), diffIds);
  }

  private static Platform platform(JsonNode config, String what) throws CorruptArchiveException {
    try {
      return new Platform(
          config.path("os").asText(),
          config.path("architecture").asText(),
          config.path("variant").asText());
    } catch (InvalidNameException e) {
      throw new CorruptArchiveException(what + ": " + e.getMessage(), e);
    }
  }
}
