package dev.s3dock.archive;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.source.UnsuitableImageException;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Image sources for tests, and what is said of bad ones. */
public final class Sources {
  public static final ObjectMapper JSON = new ObjectMapper();
  public static final String NAME = "my-app:20250721-2118-f7a5a27";
  public static final String OTHER = "other:20250721-2118-f7a5a27";
  public static final ImageSpec SPEC = ImageSpec.small().withLabel("a", "b");
  public static final BuiltImage IMAGE = new BuiltImage(SPEC);

  private Sources() {}

  public static ImageSource tar(byte[] bytes) {
    return ImageSource.ofStream(new ByteArrayInputStream(bytes), "test image");
  }

  public static ImageSource tar(Map<String, byte[]> files) {
    return tar(TestTar.of(files));
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static void assertCorrupt(ImageSource source, String message) {
    assertThatThrownBy(() -> ImageScanner.scan(source))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining(message);
  }

  public static void assertUnsuitable(ImageSource source, String message) {
    assertThatThrownBy(() -> ImageScanner.scan(source))
        .isInstanceOf(UnsuitableImageException.class)
        .hasMessageContaining(message);
  }

  /** An index that lists this index, which becomes a blob. */
  public static byte[] nested(Map<String, byte[]> files, byte[] inner) throws IOException {
    files.put("blobs/sha256/" + Digest.of(inner).hex(), inner);
    ObjectNode outer = JSON.createObjectNode().put("schemaVersion", 2);
    outer.putArray("manifests").addObject().put("digest", Digest.of(inner).toString());
    return JSON.writeValueAsBytes(outer);
  }
}
