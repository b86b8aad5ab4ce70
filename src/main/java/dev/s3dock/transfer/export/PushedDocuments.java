package dev.s3dock.transfer.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The documents that an engine pushes: configs, what it has to say of how it built the image, and
 * manifests. Finds the config of the image among them: the one whose digest is the engine's ID, or
 * that the manifest of that digest names, or a manifest in the index of that digest.
 */
final class PushedDocuments {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Far more than any image has. */
  private static final int MOST = 1000;

  private static final int MOST_BYTES = 32 << 20;

  private final EngineImage image;
  private final Map<String, byte[]> blobs = new HashMap<>();

  /** By the digests of manifests. */
  private final Map<String, byte[]> configs = new HashMap<>();

  private long bytes;

  PushedDocuments(EngineImage image) {
    this.image = image;
  }

  /**
   * Takes a blob that is a document.
   *
   * @return the config of the image, if this is it
   */
  synchronized Optional<byte[]> take(byte[] document) throws IOException {
    Digest digest = Digest.of(document);
    if (digest.toString().equals(image.id())) {
      return Optional.of(document);
    }
    bytes += document.length;
    if (bytes > MOST_BYTES || blobs.size() == MOST) {
      throw new IOException("the engine sends more documents than an image has");
    }
    blobs.put(digest.toString(), document);
    return Optional.empty();
  }

  /**
   * Takes a manifest or an index; what it names has come before.
   *
   * @return the config of the image, if this is the manifest or the index of the engine's ID
   * @throws IOException if the engine's ID names another image than the engine has told of
   */
  synchronized Optional<byte[]> takeManifest(byte[] document) throws IOException {
    String digest = Digest.of(document).toString();
    JsonNode manifest = JSON.readTree(document);
    byte[] config = blobs.get(manifest.path("config").path("digest").asText());
    if (config != null && configs.size() < MOST) {
      configs.put(digest, config);
    }
    if (!digest.equals(image.id())) {
      return Optional.empty();
    }
    if (config != null) {
      return Optional.of(requireMeant(config));
    }
    for (JsonNode child : manifest.path("manifests")) {
      byte[] found = configs.get(child.path("digest").asText());
      if (found != null && isMeant(found)) {
        return Optional.of(found);
      }
    }
    throw new IOException("the engine has not sent the image config of " + digest);
  }

  private byte[] requireMeant(byte[] config) throws IOException {
    if (!isMeant(config)) {
      throw new IOException("%s is not the config of %s".formatted(Digest.of(config), image.id()));
    }
    return config;
  }

  /** An attestation has a config as well, of no layers that count. */
  private boolean isMeant(byte[] config) {
    try {
      ImageConfig parsed = ImageConfig.parse(config);
      return parsed.diffIds().equals(image.diffIds());
    } catch (IOException e) {
      return false;
    }
  }
}
