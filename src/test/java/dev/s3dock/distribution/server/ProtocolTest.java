package dev.s3dock.distribution.server;

import static dev.s3dock.distribution.server.ServedBucket.APP;
import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static dev.s3dock.distribution.server.ServedBucket.SECOND;
import static dev.s3dock.distribution.server.ServedBucket.blob;
import static dev.s3dock.distribution.server.ServedBucket.code;
import static dev.s3dock.distribution.server.ServedBucket.header;
import static dev.s3dock.distribution.server.ServedBucket.json;
import static dev.s3dock.distribution.server.ServedBucket.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Pointers;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.engine.ImageSpec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pull and content discovery, requirement by requirement (distribution-spec 1.1). */
class ProtocolTest {
  private static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String ABSENT = "sha256:" + "0".repeat(64);
  private static final AppName OTHER = new AppName("other");

  @TempDir static Path spool;
  private static ServedBucket served;

  @BeforeAll
  static void publish() throws IOException {
    served =
        new ServedBucket(spool)
            .with(FIRST, ImageSpec.small())
            .with(SECOND, ImageSpec.small().withFile("more", "more"))
            .with(SECOND, ImageSpec.small().withFile("more", "arm").withPlatform("linux/arm64"))
            .with(
                dev.s3dock.image.ImageReference.parse("other:20250720-0800-1234567"),
                ImageSpec.small())
            .tagged(FIRST, "v1.0.0")
            .tagged(FIRST, "v1.0.0+build")
            .promoted(FIRST, "production")
            .promoted(SECOND, "staging")
            .serve();
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  @Test
  void the_base_says_that_this_is_a_registry() throws IOException {
    for (String path : List.of("/v2/", "/v2")) {
      HttpResponse<byte[]> answer = served.get(path);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(header(answer, "Docker-Distribution-API-Version")).isEqualTo("registry/2.0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"production", "v1.0.0", "20250720-0800-1234567"})
  void a_manifest_is_found_by_environment_version_and_stamp_hash(String tag) throws IOException {
    HttpResponse<byte[]> answer = served.get(manifest(tag));
    assertThat(answer.statusCode()).isEqualTo(200);
    Digest digest = served.index(FIRST).manifest().orElseThrow().digest();
    assertThat(Digest.of(answer.body())).isEqualTo(digest);
    assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest.toString());
    assertThat(header(answer, "Content-Type")).isEqualTo(OCI_MANIFEST);
    assertThat(header(answer, "Content-Length")).isEqualTo("" + answer.body().length);
    HttpResponse<byte[]> head = served.send("HEAD", manifest(tag));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    for (String name : List.of("Docker-Content-Digest", "Content-Type", "Content-Length")) {
      assertThat(header(head, name)).as(name).isEqualTo(header(answer, name));
    }
  }

  @Test
  void every_blob_of_a_manifest_has_its_digest_and_its_size() throws IOException {
    JsonNode document = json(served.get(manifest("production")));
    List<JsonNode> descriptors = new ArrayList<>(List.of(document.path("config")));
    document.path("layers").forEach(descriptors::add);
    assertThat(descriptors).hasSize(3);
    for (JsonNode descriptor : descriptors) {
      String digest = descriptor.path("digest").asText();
      String path = ServedBucket.path(APP, "blobs", digest);
      HttpResponse<byte[]> answer = served.get(path);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(Digest.of(answer.body())).hasToString(digest);
      assertThat(answer.body()).hasSize(descriptor.path("size").asInt());
      assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest);
      HttpResponse<byte[]> head = served.send("HEAD", path);
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(header(head, "Content-Length")).isEqualTo(descriptor.path("size").asText());
      assertThat(header(head, "Docker-Content-Digest")).isEqualTo(digest);
    }
  }

  @Test
  void several_platforms_of_a_commit_are_an_index_of_manifests() throws IOException {
    HttpResponse<byte[]> answer = served.get(manifest("staging"));
    assertThat(header(answer, "Content-Type")).isEqualTo(OCI_INDEX);
    JsonNode index = json(answer);
    assertThat(index.path("mediaType").asText()).isEqualTo(OCI_INDEX);
    List<String> platforms = new ArrayList<>();
    for (JsonNode entry : index.path("manifests")) {
      platforms.add(entry.path("platform").path("architecture").asText());
      HttpResponse<byte[]> single = served.get(manifest(entry.path("digest").asText()));
      assertThat(Digest.of(single.body())).hasToString(entry.path("digest").asText());
      assertThat(single.body()).hasSize(entry.path("size").asInt());
      assertThat(header(single, "Content-Type")).isEqualTo(OCI_MANIFEST);
    }
    assertThat(platforms).containsExactly("amd64", "arm64");
    String digest = header(answer, "Docker-Content-Digest");
    assertThat(served.get(manifest(digest)).body()).isEqualTo(answer.body());
  }

  /** After a restart nobody has asked by tag before. */
  @Test
  void a_server_that_has_handed_out_nothing_finds_every_digest() throws IOException {
    List<String> digests = new ArrayList<>();
    for (String tag : List.of("production", "staging")) {
      digests.add(header(served.get(manifest(tag)), "Docker-Content-Digest"));
    }
    String config = json(served.get(manifest("production"))).path("config").path("digest").asText();
    for (String digest : digests) {
      try (ServedBucket again = again()) {
        assertThat(again.get(manifest(digest)).statusCode()).as(digest).isEqualTo(200);
      }
    }
    try (ServedBucket again = again()) {
      assertThat(again.get(ServedBucket.path(APP, "blobs", config)).statusCode()).isEqualTo(200);
      Digest layer = served.index(SECOND).layers().getLast().blob().orElseThrow();
      assertThat(Digest.of(again.get(blob(layer)).body())).isEqualTo(layer);
      assertThat(code(again.get(manifest(ABSENT)))).isEqualTo("MANIFEST_UNKNOWN");
    }
  }

  @Test
  void a_pushed_manifest_is_found_by_its_digest_without_a_look_at_the_others() throws IOException {
    Digest digest = served.index(FIRST).manifest().orElseThrow().digest();
    try (ServedBucket again = again()) {
      List<String> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
      again.store.before((operation, key) -> asked.add(operation + " " + key));
      assertThat(again.get(manifest(digest)).statusCode()).isEqualTo(200);
      String stem = "images/my-app/202507/my-app-" + FIRST.tag();
      assertThat(asked)
          .containsExactly(
              "GET manifests/my-app/%s.json".formatted(digest.hex()),
              "LIST " + stem + ".",
              "GET " + stem + ".json");
    }
    try (ServedBucket again = again()) { // as a policy of before has it
      again.store.before(
          (operation, key) -> {
            if (key.startsWith("manifests/")) {
              throw new StoreException(StoreException.Kind.ACCESS_DENIED, "may not read " + key);
            }
          });
      assertThat(again.get(manifest(digest)).statusCode()).isEqualTo(200);
    }
    try (ServedBucket again = again()) { // as a push of before has left it
      again.store.delete(
          new dev.s3dock.store.ObjectKey("manifests/my-app/%s.json".formatted(digest.hex())));
      assertThat(again.get(manifest(digest)).statusCode()).isEqualTo(200);
    }
  }

  private static ServedBucket again() throws IOException {
    ServedBucket again = new ServedBucket(spool);
    served
        .store
        .contents()
        .forEach(
            (key, content) ->
                again.store.put(new dev.s3dock.store.ObjectKey(key), content, Precondition.none()));
    return again.serve();
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/my-app/manifests/absent, 404, MANIFEST_UNKNOWN",
    "/v2/my-app/manifests/20200101-0000-aaaaaaa, 404, MANIFEST_UNKNOWN",
    "/v2/my-app/manifests/v1.0.0+build, 404, MANIFEST_UNKNOWN",
    "/v2/my-app/manifests/-bad, 404, MANIFEST_UNKNOWN",
    "/v2/my-app/manifests/@D, 404, MANIFEST_UNKNOWN",
    "/v2/my-app/manifests/sha256:abc, 400, DIGEST_INVALID",
    "/v2/my-app/manifests/md5:abc, 400, DIGEST_INVALID",
    "/v2/my-app/blobs/@D, 404, BLOB_UNKNOWN",
    "/v2/my-app/blobs/sha256:ABC, 400, DIGEST_INVALID",
    "/v2/my-app/blobs/production, 400, DIGEST_INVALID",
    "/v2/my-app/referrers/production, 400, DIGEST_INVALID",
    "/v2/absent/manifests/production, 404, NAME_UNKNOWN",
    "/v2/absent/blobs/@D, 404, NAME_UNKNOWN",
    "/v2/absent/tags/list, 404, NAME_UNKNOWN",
    "/v2/absent/referrers/@D, 404, NAME_UNKNOWN",
    "/v2/library/my-app/manifests/production, 404, NAME_UNKNOWN",
    "/v2/My-App/manifests/production, 400, NAME_INVALID",
    "/v2/my-app//manifests/production, 400, BAD_REQUEST",
    "/v2/-my-app/tags/list, 400, NAME_INVALID",
    "/v2/my%2fapp/tags/list, 400, BAD_REQUEST",
    "/v2/../tags/list, 400, NAME_INVALID",
    "/v2/%2e%2e/tags/list, 400, BAD_REQUEST",
    "/v2/my-app/tags/list?n=-1, 400, PAGINATION_NUMBER_INVALID",
    "/v2/my-app/tags/list?n=all, 400, PAGINATION_NUMBER_INVALID",
    "/v2/_catalog?n=x, 400, PAGINATION_NUMBER_INVALID",
    "/v2/my-app, 404, NOT_FOUND",
    "/v2/my-app/blobs/uploads/, 404, NOT_FOUND",
    "/v1/, 404, NOT_FOUND",
    "/, 404, NOT_FOUND",
  })
  void what_is_not_there_or_cannot_be_is_told_in_the_specification_s_words(
      String path, int status, String code) throws IOException {
    String target = path.replace("@D", ABSENT);
    HttpResponse<byte[]> answer = served.get(target);
    assertThat(answer.statusCode()).as(target).isEqualTo(status);
    assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(code(answer)).isEqualTo(code);
    assertThat(json(answer).path("errors").path(0).path("message").asText()).isNotEmpty();
    HttpResponse<byte[]> head = served.send("HEAD", target);
    assertThat(head.statusCode()).isEqualTo(status);
    assertThat(head.body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v2/my-app/blobs/uploads/",
    "PUT, /v2/my-app/manifests/production",
    "PATCH, /v2/my-app/blobs/uploads/1",
    "DELETE, /v2/my-app/manifests/production",
    "POST, /v2/",
    "OPTIONS, /v2/",
    "BREW, /v2/",
  })
  void who_wants_to_write_is_told_that_this_is_read_only(String method, String path)
      throws IOException {
    HttpResponse<byte[]> answer = served.send(method, path);
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(code(answer)).isEqualTo("UNSUPPORTED");
    assertThat(header(answer, "Allow")).isEqualTo("GET, HEAD");
  }

  private List<String> tags(String query) throws IOException {
    JsonNode body = json(served.get("/v2/my-app/tags/list" + query));
    assertThat(body.path("name").asText()).isEqualTo("my-app");
    List<String> tags = new ArrayList<>();
    body.path("tags").forEach(tag -> tags.add(tag.asText()));
    return tags;
  }

  @Test
  void tags_are_images_versions_and_environments_in_order_and_each_leads_somewhere()
      throws IOException {
    assertThat(tags(""))
        .containsExactly(
            "20250720-0800-1234567", "20250721-0800-7654321", "production", "staging", "v1.0.0")
        .allSatisfy(tag -> assertThat(served.get(manifest(tag)).statusCode()).isEqualTo(200));
  }

  @Test
  void tags_come_page_by_page() throws IOException {
    List<String> all = new ArrayList<>();
    String next = "/v2/my-app/tags/list?n=2";
    while (!next.isEmpty()) {
      HttpResponse<byte[]> answer = served.get(next);
      json(answer).path("tags").forEach(tag -> all.add(tag.asText()));
      assertThat(json(answer).path("tags").size()).isBetween(1, 2);
      String link = header(answer, "Link");
      assertThat(link).matches("|<(/v2/my-app/tags/list\\?n=2&last=[^>]+)>; rel=\"next\"");
      next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
    }
    assertThat(all).isEqualTo(tags(""));
  }

  @Test
  void a_page_of_no_names_is_an_empty_list_without_a_link() throws IOException {
    for (String path : List.of("/v2/my-app/tags/list?n=0", "/v2/_catalog?n=0")) {
      HttpResponse<byte[]> answer = served.get(path);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains(":[]");
      assertThat(header(answer, "Link")).isEmpty();
    }
  }

  @Test
  void a_list_begins_after_the_last_name_also_one_that_is_not_there() throws IOException {
    assertThat(tags("?last=production")).containsExactly("staging", "v1.0.0");
    assertThat(tags("?last=q&n=1")).containsExactly("staging");
    assertThat(tags("?last=zzz")).isEmpty();
    assertThat(header(served.get("/v2/my-app/tags/list?n=100"), "Link")).isEmpty();
  }

  @Test
  void a_version_that_was_removed_is_no_tag() throws IOException {
    try (ServedBucket own =
        new ServedBucket(spool).with(FIRST, ImageSpec.small()).tagged(FIRST, "v1").serve()) {
      assertThat(own.get(manifest("v1")).statusCode()).isEqualTo(200);
      Pointers pointers =
          new Pointers(
              own.store,
              own.images(),
              java.time.Clock.systemUTC(),
              new dev.s3dock.registry.Actor("a", "b", "c"));
      pointers.withdraw(pointers.find(APP, new dev.s3dock.image.Version("v1")).orElseThrow());
      assertThat(own.get(manifest("v1")).statusCode()).isEqualTo(404);
      assertThat(json(own.get("/v2/my-app/tags/list")).path("tags")).hasSize(1);
    }
  }

  @Test
  void the_repositories_are_the_apps_page_by_page() throws IOException {
    assertThat(json(served.get("/v2/_catalog")))
        .hasToString("{\"repositories\":[\"my-app\",\"other\"]}");
    HttpResponse<byte[]> first = served.get("/v2/_catalog?n=1");
    assertThat(json(first)).hasToString("{\"repositories\":[\"my-app\"]}");
    assertThat(header(first, "Link")).isEqualTo("</v2/_catalog?n=1&last=my-app>; rel=\"next\"");
  }

  @Test
  void nothing_refers_to_a_manifest_yet() throws IOException {
    String path = ServedBucket.path(APP, "referrers", ABSENT);
    HttpResponse<byte[]> answer = served.get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "Content-Type")).isEqualTo(OCI_INDEX);
    assertThat(json(answer).path("schemaVersion").asInt()).isEqualTo(2);
    assertThat(json(answer).path("manifests").isArray()).isTrue();
    assertThat(json(answer).path("manifests")).isEmpty();
    assertThat(header(answer, "OCI-Filters-Applied")).isEmpty();
    assertThat(header(served.get(path + "?artifactType=a/b"), "OCI-Filters-Applied"))
        .isEqualTo("artifactType");
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 1",
    "bytes=0-9, 0, 10",
    "bytes=5-, 5, -1",
    "bytes=-7, -7, -1",
    "bytes=1-999999999999, 1, -1",
    "bytes=-999999999999, 0, -1",
  })
  void a_range_of_a_blob_is_that_range(String range, int from, int to) throws IOException {
    for (Digest digest : blobs()) {
      byte[] whole = served.get(blob(digest)).body();
      int start = from < 0 ? whole.length + from : from;
      int end = to < 0 ? whole.length : to;
      HttpResponse<byte[]> answer = served.get(blob(digest), "Range", range);
      assertThat(answer.statusCode()).isEqualTo(206);
      assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(whole, start, end));
      assertThat(header(answer, "Content-Range"))
          .isEqualTo("bytes %d-%d/%d".formatted(start, end - 1, whole.length));
    }
  }

  /** A config, a layer as it is stored, and the same layer decompressed. */
  private static List<Digest> blobs() {
    var index = served.index(FIRST);
    var layer = index.layers().getFirst();
    served.published(FIRST);
    return List.of(index.imageId(), layer.blob().orElseThrow(), layer.diffId());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=999999999-", "bytes=-0"})
  void bytes_that_are_not_there_are_416(String range) throws IOException {
    for (Digest digest : blobs()) {
      int size = served.get(blob(digest)).body().length;
      HttpResponse<byte[]> answer = served.get(blob(digest), "Range", range);
      assertThat(answer.statusCode()).isEqualTo(416);
      assertThat(header(answer, "Content-Range")).isEqualTo("bytes */" + size);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bytes=0-1,3-4", "bytes=5-2", "bytes=-", "bytes=x-y", "lines=1-2", "bytes=", ""})
  void what_is_no_single_range_is_passed_over(String range) throws IOException {
    Digest digest = served.index(FIRST).imageId();
    HttpResponse<byte[]> answer = served.get(blob(digest), "Range", range);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Digest.of(answer.body())).isEqualTo(digest);
  }

  @Test
  void what_a_client_has_is_not_sent_again() throws IOException {
    Digest config = served.index(FIRST).imageId();
    String digest = header(served.get(manifest("production")), "Docker-Content-Digest");
    for (String path : List.of(manifest("production"), blob(config))) {
      String tag = header(served.get(path), "ETag");
      HttpResponse<byte[]> answer = served.get(path, "If-None-Match", "\"x\", " + tag);
      assertThat(answer.statusCode()).isEqualTo(304);
      assertThat(answer.body()).isEmpty();
      assertThat(served.get(path, "If-None-Match", "\"sha256:1\"").statusCode()).isEqualTo(200);
    }
    assertThat(header(served.get(manifest("production")), "ETag")).isEqualTo('"' + digest + '"');
    assertThat(served.get(blob(config), "Range", "bytes=0-1", "If-Range", "\"x\"").statusCode())
        .isEqualTo(200);
  }

  @Test
  void a_digest_may_be_escaped_and_a_mirror_s_parameter_is_passed_over() throws IOException {
    String digest = served.index(FIRST).manifest().orElseThrow().digest().toString();
    assertThat(served.get(manifest(digest.replace(":", "%3A"))).statusCode()).isEqualTo(200);
    assertThat(served.get(manifest("production") + "?ns=docker.io").statusCode()).isEqualTo(200);
  }

  @Test
  void an_environment_is_what_its_pointer_says_now() throws IOException {
    try (ServedBucket own =
        new ServedBucket(spool)
            .with(FIRST, ImageSpec.small())
            .with(SECOND, ImageSpec.small().withFile("more", "more"))
            .promoted(FIRST, "production")
            .serve()) {
      byte[] before = own.get(manifest("production")).body();
      own.promoted(SECOND, "production");
      assertThat(own.get(manifest("production")).body())
          .isNotEqualTo(before)
          .isEqualTo(own.get(manifest(SECOND.tag())).body());
    }
  }

  @Test
  void apps_that_are_not_named_do_not_exist() throws IOException {
    try (ServedBucket own =
        new ServedBucket(spool).with(FIRST, ImageSpec.small()).serve(it -> it, OTHER)) {
      assertThat(code(own.get(manifest(FIRST.tag())))).isEqualTo("NAME_UNKNOWN");
      assertThat(json(own.get("/v2/_catalog"))).hasToString("{\"repositories\":[]}");
    }
  }

  @Test
  void an_archive_of_the_first_s3dock_says_what_to_do() throws IOException {
    try (ServedBucket own = new ServedBucket(spool).with(FIRST, ImageSpec.small())) {
      own.rewrite(FIRST, document -> document.without(List.of("archive")));
      own.serve();
      HttpResponse<byte[]> answer = own.get(manifest(FIRST.tag()));
      assertThat(code(answer)).isEqualTo("MANIFEST_UNKNOWN");
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("push it again");
    }
  }

  @Test
  void it_says_that_it_lives_and_what_it_does() throws IOException {
    assertThat(served.get("/healthz").body()).isEqualTo("ok\n".getBytes(StandardCharsets.UTF_8));
    served.get(manifest("production"));
    HttpResponse<byte[]> text = served.get("/metrics");
    assertThat(new String(text.body(), StandardCharsets.UTF_8))
        .contains("s3dock_requests_total{endpoint=\"manifest\",status=\"200\"}")
        .contains("s3dock_store_request_duration_seconds_bucket{operation=\"get\"");
    HttpResponse<byte[]> open =
        served.get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
    assertThat(header(open, "Content-Type")).startsWith("application/openmetrics-text");
    assertThat(new String(open.body(), StandardCharsets.UTF_8)).endsWith("# EOF\n");
  }

  @Test
  void a_manifest_costs_few_requests_and_one_that_is_known_fewer() throws IOException {
    try (ServedBucket own =
        new ServedBucket(spool).with(FIRST, ImageSpec.small()).promoted(FIRST, "production")) {
      own.serve();
      Digest config = own.index(FIRST).imageId();
      List<String> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
      own.store.before((operation, key) -> asked.add(operation + " " + key.replaceAll("/.*", "")));
      own.get(manifest("production"));
      assertThat(asked).containsExactly("GET pointers", "LIST images", "GET images");
      asked.clear();
      own.get(manifest("production"));
      assertThat(asked).containsExactly("GET pointers", "LIST images");
      asked.clear();
      own.get(manifest(FIRST.tag()));
      assertThat(asked).containsExactly("LIST images");
      asked.clear();
      own.get(blob(config));
      assertThat(asked).isEmpty();
    }
  }

  @Test
  void a_version_costs_one_request_and_an_index_of_before_one_more() throws IOException {
    try (ServedBucket own =
        new ServedBucket(spool)
            .with(FIRST, ImageSpec.small())
            .older(FIRST)
            .tagged(FIRST, "v1.0.0")
            .promoted(FIRST, "v1.0.0", "production")) {
      own.serve();
      List<String> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
      own.store.before((operation, key) -> asked.add(operation + " " + key.replaceAll("/.*", "")));
      own.get(manifest("production"));
      assertThat(asked)
          .containsExactly("GET pointers", "GET tags", "LIST images", "GET images", "READ images");
      asked.clear();
      own.get(manifest("v1.0.0"));
      assertThat(asked).containsExactly("GET tags", "LIST images");
    }
  }

  /** The original lets a name be both, and two commands at once may. */
  @Test
  void a_name_that_is_both_is_the_environment_or_the_version_if_it_looks_like_one_whoever_wrote_it()
      throws IOException {
    try (ServedBucket own =
        new ServedBucket(spool)
            .with(FIRST, ImageSpec.small())
            .with(SECOND, ImageSpec.small().withFile("more", "more"))
            .promoted(FIRST, "canary")
            .tagged(SECOND, "v2.0.0")
            .promoted(FIRST, "beta")
            .tagged(SECOND, "v3.0.0")
            .copied(pointer("beta"), pointer("v2.0.0"))
            .copied(tag("v2.0.0"), tag("canary"))
            .originals(pointer("beta"), "v3.0.0")
            .originals(tag("v3.0.0"), "beta")
            .serve()) {
      byte[] first = own.get(manifest(FIRST.tag())).body();
      byte[] second = own.get(manifest(SECOND.tag())).body();
      assertThat(own.get(manifest("canary")).body()).isEqualTo(first);
      assertThat(own.get(manifest("beta")).body()).isEqualTo(first);
      assertThat(own.get(manifest("v2.0.0")).body()).isEqualTo(second);
      assertThat(own.get(manifest("v3.0.0")).body()).isEqualTo(second);
    }
  }

  private static ObjectKey pointer(String name) {
    return BucketLayout.pointer(APP, new Environment(name));
  }

  private static ObjectKey tag(String name) {
    return BucketLayout.tag(APP, new Version(name));
  }
}
