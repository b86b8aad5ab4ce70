package dev.s3dock.distribution.server;

import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static dev.s3dock.distribution.server.ServedBucket.blob;
import static dev.s3dock.distribution.server.ServedBucket.header;
import static dev.s3dock.distribution.server.ServedBucket.json;
import static dev.s3dock.distribution.server.ServedBucket.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which layers are served of which archive, and to whom. */
class LayersTest {
  private static final String TAR = "application/vnd.oci.image.layer.v1.tar";
  private static final String OLD_DOCKER =
      "docker/20.10.24+dfsg1 go/go1.19.8 git-commit/5d6db84 kernel/6.1 os/linux arch/amd64";

  @TempDir Path spool;

  /** More than a piece, and more than a run of chunks. */
  private static final ImageSpec IMAGE = ServedBucket.large(1, 1000, 13 << 20);

  private static JsonNode layers(ServedBucket served, String userAgent) throws IOException {
    return json(served.get(manifest(FIRST.tag()), "User-Agent", userAgent)).path("layers");
  }

  private static void requireServed(ServedBucket served, JsonNode layers) throws IOException {
    for (JsonNode layer : layers) {
      byte[] body = served.get(blob(Digest.parse(layer.path("digest").asText()))).body();
      assertThat(Digest.of(body)).hasToString(layer.path("digest").asText());
      assertThat(body).hasSize(layer.path("size").asInt());
    }
  }

  @Test
  void layers_of_gzip_are_the_ranges_of_the_archive() throws IOException {
    try (ServedBucket served = new ServedBucket(spool).with(FIRST, IMAGE).serve()) {
      JsonNode layers = layers(served, OLD_DOCKER);
      assertThat(layers).hasSize(2);
      byte[] archive = served.archive(FIRST);
      for (LayerEntry layer : served.index(FIRST).layers()) {
        assertThat(served.get(blob(layer.blob().orElseThrow())).body())
            .isEqualTo(Arrays.copyOfRange(archive, (int) layer.offset(), (int) layer.end()));
      }
      assertThat(layers.get(0).path("mediaType").asText()).isEqualTo(TAR + "+gzip");
      requireServed(served, layers);
    }
  }

  @Test
  void layers_of_zstd_go_uncompressed_to_engines_that_cannot_unpack_them() throws IOException {
    try (ServedBucket served = new ServedBucket(spool).withZstd(FIRST, IMAGE).serve()) {
      JsonNode zstd = layers(served, "containerd/2.1.4");
      assertThat(zstd.get(0).path("mediaType").asText()).isEqualTo(TAR + "+zstd");
      requireServed(served, zstd);
      JsonNode plain = layers(served, OLD_DOCKER);
      assertThat(plain.get(0).path("mediaType").asText()).isEqualTo(TAR);
      assertThat(plain).hasSize(2);
      requireServed(served, plain);
    }
  }

  @Test
  void a_digest_names_the_same_manifest_for_every_client() throws IOException {
    try (ServedBucket served = new ServedBucket(spool).withZstd(FIRST, IMAGE).serve()) {
      for (String agent : List.of("containerd/2.1.4", OLD_DOCKER)) {
        var answer = served.get(manifest(FIRST.tag()), "User-Agent", agent);
        String digest = header(answer, "Docker-Content-Digest");
        for (String other : List.of("containerd/2.1.4", OLD_DOCKER)) {
          assertThat(served.get(manifest(digest), "User-Agent", other).body())
              .isEqualTo(answer.body());
        }
      }
    }
  }

  @Test
  void layers_whose_compressed_digests_are_unknown_go_uncompressed() throws IOException {
    try (ServedBucket served = new ServedBucket(spool).with(FIRST, IMAGE).older(FIRST).serve()) {
      JsonNode layers = layers(served, "containerd/2.1.4");
      assertThat(layers.get(0).path("mediaType").asText()).isEqualTo(TAR);
      List<byte[]> tars = new BuiltImage(IMAGE).layers();
      for (int i = 0; i < tars.size(); i++) {
        Digest digest = Digest.of(tars.get(i));
        assertThat(layers.get(i).path("digest").asText()).isEqualTo(digest.toString());
        assertThat(served.get(blob(digest)).body()).isEqualTo(tars.get(i));
        int middle = tars.get(i).length / 2;
        assertThat(served.get(blob(digest), "Range", "bytes=%d-".formatted(middle)).body())
            .isEqualTo(Arrays.copyOfRange(tars.get(i), middle, tars.get(i).length));
      }
    }
  }

  @Test
  void an_image_without_layers_and_one_with_the_same_layer_twice_are_served() throws IOException {
    ImageSpec twice = ImageSpec.empty().withFile("a", "a").withFile("b", "b").withFile("a", "a");
    for (ImageSpec image : List.of(ImageSpec.empty(), twice)) {
      try (ServedBucket served = new ServedBucket(spool).with(FIRST, image).serve()) {
        JsonNode layers = layers(served, "");
        assertThat(layers).hasSize(image.layers().size());
        requireServed(served, layers);
      }
    }
  }
}
