package dev.s3dock.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchiveIndexTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Digest digest(int number) {
    return new Digest("%064x".formatted(number));
  }

  private static Md5State md5(long bytes) {
    return new Md5State("0".repeat(32), bytes, "ab".repeat((int) (bytes % 64)));
  }

  /** Layers with chunks of these raw lengths. */
  private static ArchiveIndex index(List<List<Integer>> layers) {
    List<LayerEntry> entries = new ArrayList<>();
    long at = 0;
    int number = 0;
    for (List<Integer> layer : layers) {
      at += 100;
      List<Chunk> chunks = new ArrayList<>();
      for (int rawLength : layer) {
        chunks.add(new Chunk(at, rawLength / 3 + 18, rawLength, digest(number++)));
        at += rawLength / 3 + 18;
      }
      long size = layer.stream().mapToLong(length -> length).sum();
      entries.add(
          new LayerEntry(digest(number++), size, chunks, md5(at), Optional.of(digest(number++))));
    }
    return new ArchiveIndex(
        1,
        digest(77),
        Platform.parse("linux/arm/v7"),
        Compression.gzip(9),
        Optional.of("zlib:0a1b2c3d"),
        Optional.of("\"etag-3\""),
        entries,
        new Tail(at, 700),
        Optional.of(new Descriptor("application/vnd.oci.image.manifest.v1+json", digest(78), 400)),
        Optional.empty());
  }

  private static ArchiveIndex sample() {
    return index(List.of(List.of(300_000, 600_000), List.of(30_000), List.of(1_000_000)));
  }

  @Provide
  Arbitrary<List<List<Integer>>> layers() {
    return Arbitraries.integers()
        .between(0, FormatLimits.MAX_CHUNK_BYTES)
        .list()
        .ofMinSize(1)
        .ofMaxSize(20)
        .list()
        .ofMaxSize(10);
  }

  @Property(tries = 200)
  void json_says_all_there_is(@ForAll("layers") List<List<Integer>> layers)
      throws JsonProcessingException, CorruptArchiveException {
    ArchiveIndex index = index(layers);
    JsonNode json = JSON.readTree(index.toJson().toString());
    assertThat(ArchiveIndex.parse(json)).isEqualTo(index);
  }

  @Test
  void the_json_is_the_documented_one() {
    ArchiveIndex index = index(List.of(List.of(300)));
    assertThat(index.toJson().toString())
        .isEqualTo(
            """
            {"format":1,"image_id":"sha256:%1$s4d","platform":"linux/arm/v7","compression":"gzip:9",\
            "compressor":"zlib:0a1b2c3d","object_etag":"\\"etag-3\\"","layers":[{"diff_id":"sha256:%1$s01","size":300,\
            "members":[[100,118,300,"%1$s00"]],"md5_state":{"abcd":"%2$s","bytes":218,"pending":"%3$s"},\
            "blob":{"digest":"sha256:%1$s02","size":118}}],"tail":{"offset":218,"length":700},\
            "manifest":{"media_type":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%1$s4e","size":400}}"""
                .formatted("0".repeat(62), "0".repeat(32), "ab".repeat(26)));
    assertThat(index.size()).isEqualTo(918);
    assertThat(index.rawSize()).isEqualTo(300);
  }

  @Test
  void unknown_fields_are_passed_over() throws CorruptArchiveException {
    ObjectNode json = sample().toJson().put("later", true);
    ((ObjectNode) json.path("layers").path(0)).put("later", true);
    assertThat(ArchiveIndex.parse(json)).isEqualTo(sample());
  }

  @Test
  void the_token_of_the_object_may_be_missing() throws CorruptArchiveException {
    ObjectNode json = sample().toJson();
    json.remove("object_etag");
    assertThat(ArchiveIndex.parse(json).withObjectEtag("\"etag-3\"")).isEqualTo(sample());
  }

  @Test
  void indexes_from_before_the_compressor_was_named_are_read() throws CorruptArchiveException {
    ObjectNode json = sample().toJson();
    json.remove("compressor");
    assertThat(ArchiveIndex.parse(json).compressor()).isEmpty();
  }

  @Test
  void indexes_from_before_blobs_were_named_are_read() throws CorruptArchiveException {
    ObjectNode json = sample().toJson();
    json.remove("manifest");
    json.path("layers").forEach(layer -> ((ObjectNode) layer).remove("blob"));
    ArchiveIndex index = ArchiveIndex.parse(json);
    assertThat(index.manifest()).isEmpty();
    assertThat(index.layers()).allMatch(layer -> layer.blob().isEmpty());
    assertThat(index.toJson()).isEqualTo(json);
  }

  record Forgery(String name, Consumer<ObjectNode> change) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Forgery top(String name, Consumer<ObjectNode> change) {
    return new Forgery(name, change);
  }

  private static Forgery layer(String name, Consumer<ObjectNode> change) {
    return new Forgery(name, json -> change.accept((ObjectNode) json.path("layers").path(0)));
  }

  private static Forgery chunk(String name, int field, long value) {
    return layer(name, json -> ((ArrayNode) json.path("members").path(1)).set(field, value));
  }

  static Stream<Forgery> forgeries() {
    return Stream.of(
        top("no format", json -> json.remove("format")),
        top("format of the future", json -> json.put("format", 2)),
        top("format as text", json -> json.put("format", "1")),
        top("format as fraction", json -> json.put("format", 1.5)),
        top("no image", json -> json.remove("image_id")),
        top("malformed image", json -> json.put("image_id", "sha256:1")),
        top("malformed platform", json -> json.put("platform", "linux")),
        top("unknown compression", json -> json.put("compression", "lzma")),
        top("compressor as number", json -> json.put("compressor", 1)),
        top("token as number", json -> json.put("object_etag", 1)),
        top("no layers", json -> json.remove("layers")),
        top("layers as object", json -> json.putObject("layers")),
        top("one layer gone", json -> ((ArrayNode) json.path("layers")).remove(1)),
        top("last layer gone", json -> ((ArrayNode) json.path("layers")).remove(2)),
        top("a layer twice", json -> repeatLayer(json)),
        top("no tail", json -> json.remove("tail")),
        top("tail elsewhere", json -> json.putObject("tail").put("offset", 5).put("length", 9)),
        top("tail of no bytes", json -> ((ObjectNode) json.path("tail")).put("length", 0)),
        top("huge tail", json -> ((ObjectNode) json.path("tail")).put("length", 1 << 30)),
        top("tail beyond int", json -> ((ObjectNode) json.path("tail")).put("length", 1L << 33)),
        layer("no diff_id", json -> json.remove("diff_id")),
        layer("no size", json -> json.remove("size")),
        layer("wrong size", json -> json.put("size", 901)),
        layer("no members", json -> json.putArray("members")),
        layer("a member gone", json -> ((ArrayNode) json.path("members")).remove(1)),
        layer("members swapped", json -> swapChunks((ArrayNode) json.path("members"))),
        layer("short member", json -> ((ArrayNode) json.path("members").path(0)).remove(3)),
        layer("member as text", json -> ((ArrayNode) json.path("members")).set(0, "x")),
        top("one blob gone", json -> ((ObjectNode) json.path("layers").path(1)).remove("blob")),
        top("manifest as text", json -> json.put("manifest", "sha256:1")),
        top(
            "manifest of negative size",
            json -> ((ObjectNode) json.path("manifest")).put("size", -1)),
        layer("blob of another size", json -> ((ObjectNode) json.path("blob")).put("size", 1)),
        layer("malformed blob", json -> ((ObjectNode) json.path("blob")).put("digest", "md5:1")),
        layer("no md5", json -> json.remove("md5_state")),
        layer(
            "md5 elsewhere",
            json ->
                json.putObject("md5_state")
                    .put("abcd", "0".repeat(32))
                    .put("bytes", 64)
                    .put("pending", "")),
        chunk("overlap", 0, 200),
        chunk("gap", 0, 219),
        chunk("negative offset", 0, -1),
        chunk("zero length", 1, 0),
        chunk("negative length", 1, -5),
        chunk("huge length", 1, 1L << 40),
        chunk("negative raw length", 2, -1),
        chunk("raw length beyond the largest chunk", 2, (4 << 20) + 1),
        chunk("digest as number", 3, 12));
  }

  private static void repeatLayer(ObjectNode json) {
    ArrayNode layers = (ArrayNode) json.path("layers");
    ((ObjectNode) layers.path(1)).set("diff_id", layers.path(0).path("diff_id"));
  }

  private static void swapChunks(ArrayNode chunks) {
    chunks.add(chunks.remove(0));
  }

  @ParameterizedTest
  @MethodSource("forgeries")
  void an_index_that_contradicts_itself_is_refused(Forgery forgery) {
    ObjectNode json = sample().toJson();
    forgery.change.accept(json);
    assertThatThrownBy(() -> ArchiveIndex.parse(json))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining("archive index");
  }

  @Test
  void anything_but_an_object_is_refused() {
    for (JsonNode json :
        List.<JsonNode>of(NullNode.instance, JSON.createArrayNode(), MissingNode.getInstance())) {
      assertThatThrownBy(() -> ArchiveIndex.parse(json))
          .isInstanceOf(CorruptArchiveException.class);
    }
  }
}
