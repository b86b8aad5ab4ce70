package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Keys as long as keys can be, and keys that look like others. */
class HostileKeysTest {
  private static final int LONGEST = 1024;
  private final Bucket bucket = new Bucket();

  private static ObjectKey longest(String start, String end) {
    return new ObjectKey(start + "x".repeat(LONGEST - start.length() - end.length()) + end);
  }

  @Test
  void a_key_that_leaves_no_room_for_its_neighbour_is_no_image() {
    String commit = "images/my-app/202507/my-app-20250721-2118-f7a5a27";
    bucket.publish("20250721-2118-f7a5a27");
    for (String end : List.of(".json", ".tar.gz", ".tar.zst")) {
      bucket.put(longest(commit + ".linux-", end), "{}");
    }
    List<String> archives = new ArrayList<>();
    bucket.catalog.images(
        Bucket.APP,
        Optional.empty(),
        Long.MAX_VALUE,
        image -> archives.add(image.archive().value()));
    assertThat(archives).containsExactly(commit + ".tar.gz");
    assertThat(bucket.resolver.resolve(Bucket.APP, "20250721-2118-f7a5a27")).isNotNull();
  }

  @Test
  void others_that_are_as_long_are_passed_over() {
    bucket.publish("20250721-2118-f7a5a27");
    for (String start :
        List.of("tags/my-app/", "pointers/my-app/", "audit/my-app/202508/", "images/")) {
      bucket.put(longest(start, ".json"), "{}");
    }
    bucket.put(
        new ObjectKey("audit/my-app/202508/20250802-0930-push-" + "f".repeat(900) + ".json"), "{}");
    assertThat(bucket.catalog.apps()).containsExactly(Bucket.APP);
    List<String> versions = new ArrayList<>();
    bucket.catalog.tags(Bucket.APP, entry -> versions.add(entry.name().value()));
    assertThat(versions).isEmpty();
  }
}
