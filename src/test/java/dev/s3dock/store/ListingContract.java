package dev.s3dock.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Listings: complete, in order, page by page. */
public interface ListingContract extends StoreUnderTest {
  private List<String> keys(String prefix) {
    return store().list(prefix).map(stat -> stat.key().value()).toList();
  }

  /** How many objects the test of paging writes; more than ten pages of S3. */
  default int manyObjects() {
    return 10_000;
  }

  @Test
  default void anEmptyStoreListsNothing() {
    assertThat(keys("")).isEmpty();
    assertThat(keys("no/such/")).isEmpty();
    assertThat(store().listFolders("")).isEmpty();
    assertThat(store().listFolders("no/such/")).isEmpty();
  }

  @Test
  default void keysComeInTheOrderOfTheirBytes() {
    List<String> ordered =
        List.of(
            "B", "a-b", "a-b-c/x", "a.c", "a/b", "a/b-c", "a/b.d/e", "a/c/d", "a0", "aa/b", "b",
            "ä/x", "日/x");
    ordered.reversed().forEach(key -> write(key, key));

    assertThat(keys("")).isEqualTo(ordered);
  }

  @Test
  default void keys_outside_of_the_basic_plane_come_last() {
    write("\uD83D\uDE00", "");
    write("\uFB00", "");

    assertThat(keys("")).containsExactly("\uFB00", "\uD83D\uDE00");
  }

  @Test
  default void aPrefixIsAnyTextAndNotAFolder() {
    for (String key : List.of("images/a-b/1", "images/a/1", "images/a/2", "images/ab/1", "x")) {
      write(key, "");
    }

    assertThat(keys("images/a")).hasSize(4);
    assertThat(keys("images/a/")).containsExactly("images/a/1", "images/a/2");
    assertThat(keys("images/a/1")).containsExactly("images/a/1");
    assertThat(keys("ima")).hasSize(4);
    assertThat(keys("images/a/3")).isEmpty();
    assertThat(keys("y")).isEmpty();
  }

  @Test
  default void a_prefix_of_dots_is_just_text() {
    write("a", "");

    assertThat(keys("..")).isEmpty();
  }

  @Test
  default void aListedObjectHasSizeTokenAndTime() {
    ETag etag = write("images/a", "12345");

    ObjectStat listed = store().list("images/").findFirst().orElseThrow();

    assertThat(listed.size()).isEqualTo(5);
    assertThat(listed.etag()).isEqualTo(etag);
    ObjectStat head = store().head(listed.key()).orElseThrow();
    assertThat(listed.lastModified().getEpochSecond())
        .isEqualTo(head.lastModified().getEpochSecond());
  }

  @Test
  default void foldersAreTheNextNamesWithObjectsBelow() {
    for (String key :
        List.of("images/a b/1/2", "images/a-b/1", "images/a/1", "images/a/2/3", "images/x", "y")) {
      write(key, "");
    }

    assertThat(store().listFolders("images/")).containsExactly("a b", "a-b", "a");
    assertThat(store().listFolders("images/a/")).containsExactly("2");
    assertThat(store().listFolders("")).containsExactly("images");
    assertThat(store().listFolders("images/x/")).isEmpty();
  }

  @Test
  default void aFolderIsGoneWithItsLastObject() {
    write("images/a/1", "");
    store().delete(new ObjectKey("images/a/1"));

    assertThat(store().listFolders("images/")).isEmpty();
    assertThat(store().listFolders("")).isEmpty();
  }

  @Test
  default void manyObjectsAreListedPageByPage() {
    List<String> written =
        IntStream.range(0, manyObjects()).mapToObj("audit/app/%05d.json"::formatted).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      written.forEach(
          key ->
              threads.execute(
                  () -> store().put(new ObjectKey(key), key.getBytes(UTF_8), Precondition.none())));
    }

    assertThat(keys("audit/")).isEqualTo(written);
    assertThat(store().list("audit/").findFirst().orElseThrow().key().value())
        .isEqualTo(written.getFirst());
    assertThat(store().listFolders("audit/")).containsExactly("app");
  }
}
