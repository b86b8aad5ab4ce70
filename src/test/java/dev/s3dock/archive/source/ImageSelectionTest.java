package dev.s3dock.archive.source;

import static dev.s3dock.archive.Sources.IMAGE;
import static dev.s3dock.archive.Sources.JSON;
import static dev.s3dock.archive.Sources.NAME;
import static dev.s3dock.archive.Sources.OTHER;
import static dev.s3dock.archive.Sources.SPEC;
import static dev.s3dock.archive.Sources.assertUnsuitable;
import static dev.s3dock.archive.Sources.nested;
import static dev.s3dock.archive.Sources.tar;
import static dev.s3dock.archive.Sources.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/** Which image is taken where a source holds several. */
class ImageSelectionTest {

  @Test
  void the_image_of_that_name_is_taken() throws IOException {
    ImageSpec other = SPEC.withFile("more", "more");
    Map<String, ImageSpec> both = new LinkedHashMap<>();
    both.put(NAME, SPEC);
    both.put(OTHER, other);
    byte[] tar = TestTar.of(TestImages.ociFiles(both, Packaging.PLAIN));
    assertThat(ImageScanner.scan(tar(tar).withReference(NAME)).imageId())
        .isEqualTo(IMAGE.imageId());
    assertThat(ImageScanner.scan(tar(tar).withReference(OTHER)).imageId())
        .isEqualTo(new BuiltImage(other).imageId());
    assertUnsuitable(tar(tar), NAME + " (linux/amd64); docker.io/library/" + OTHER);
    assertUnsuitable(tar(tar).withReference("third:20250721-2118-f7a5a27"), NAME);
  }

  @Test
  void a_single_image_may_have_any_name() throws IOException {
    Map<String, byte[]> files = TestImages.dockerSaveFiles(SPEC, "nginx:latest");
    assertThat(ImageScanner.scan(tar(files).withReference(NAME)).imageId())
        .isEqualTo(IMAGE.imageId());
  }

  /** As containerd exports a multi-platform image of which it holds some, with attestations. */
  private static byte[] multiPlatform() throws IOException {
    ImageSpec arm = SPEC.withPlatform("linux/arm64");
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    ArrayNode manifests = JSON.createArrayNode();
    for (ImageSpec spec : List.of(SPEC, arm)) {
      Map<String, byte[]> one = TestImages.ociFiles(spec, "", Packaging.GZIP);
      manifests.add(JSON.readTree(one.get("index.json")).path("manifests").path(0));
      files.putAll(one);
    }
    byte[] proof = utf8("{\"predicateType\":\"https://slsa.dev/provenance/v1\"}");
    files.put("blobs/sha256/" + Digest.of(proof).hex(), proof);
    ObjectNode attestation = manifests.addObject().put("digest", Digest.of(proof).toString());
    attestation.putObject("annotations").put("vnd.docker.reference.type", "attestation-manifest");
    attestation.putObject("platform").put("os", "unknown").put("architecture", "unknown");
    manifests.addObject().put("digest", "sha256:" + "a".repeat(64)); // not pulled
    ObjectNode inner = JSON.createObjectNode().put("schemaVersion", 2);
    inner.set("manifests", manifests);
    byte[] bytes = JSON.writeValueAsBytes(inner);
    files.put("index.json", nested(files, bytes));
    return TestTar.of(files);
  }

  @Test
  void the_image_of_that_platform_is_taken() throws IOException {
    byte[] tar = multiPlatform();
    Platform amd64 = Platform.parse("linux/amd64");
    Platform arm64 = Platform.parse("linux/arm64");
    assertThat(ImageScanner.scan(tar(tar).withPlatform(amd64)).imageId())
        .isEqualTo(IMAGE.imageId());
    assertThat(ImageScanner.scan(tar(tar).withPlatform(arm64)).platform()).isEqualTo(arm64);
    assertUnsuitable(tar(tar), "several images");
    assertUnsuitable(
        tar(tar).withPlatform(Platform.parse("windows/amd64")), "no image for windows/amd64");
  }
}
