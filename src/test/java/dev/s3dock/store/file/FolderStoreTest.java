package dev.s3dock.store.file;

import static dev.s3dock.store.SmallObjectContract.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a folder store does that others cannot, or need not. */
class FolderStoreTest {
  @TempDir Path temp;
  private Path root;
  private FileObjectStore store;

  @BeforeEach
  void open() {
    root = temp.resolve("not/yet/there");
    store = FileObjectStore.open(root);
  }

  private ETag put(String key, String content) {
    return store.put(new ObjectKey(key), content.getBytes(UTF_8), Precondition.none());
  }

  private List<String> keys() {
    return store.list("").map(stat -> stat.key().value()).toList();
  }

  @Test
  void an_object_is_a_plain_file() throws IOException {
    put("images/my-app/202507/a.json", "{}");

    assertThat(root.resolve("images/my-app/202507/a.json")).hasContent("{}");
  }

  @Test
  void a_file_that_was_copied_in_is_an_object() throws IOException {
    Files.createDirectories(root.resolve("images"));
    Files.writeString(root.resolve("images/a"), "hello");

    ObjectStat stat = store.head(new ObjectKey("images/a")).orElseThrow();

    assertThat(stat.size()).isEqualTo(5);
    assertThat(keys()).containsExactly("images/a");
  }

  @Test
  void tokens_of_a_key_never_come_back_however_fast_it_is_written() {
    Set<ETag> tokens = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      tokens.add(put("a", "same"));
    }
    assertThat(tokens).hasSize(200);
  }

  @Test
  void tokens_grow_whatever_the_clock_does() throws IOException {
    put("a", "1");
    Instant future = Instant.parse("2100-01-01T00:00:00Z");
    Files.setLastModifiedTime(root.resolve("a"), FileTime.from(future));

    put("a", "2");

    assertThat(store.head(new ObjectKey("a")).orElseThrow().lastModified()).isAfter(future);
  }

  @Test
  void tokens_outlast_a_copy_of_the_folder_that_keeps_times() throws IOException {
    ETag etag = put("a", "1");
    Path copy = Files.createDirectory(temp.resolve("copy"));
    Files.copy(root.resolve("a"), copy.resolve("a"), StandardCopyOption.COPY_ATTRIBUTES);

    assertThat(FileObjectStore.open(copy).head(new ObjectKey("a")).map(ObjectStat::etag))
        .contains(etag);
  }

  @Test
  void an_open_read_goes_on_over_a_replacement() throws IOException {
    ETag etag = put("a", "0123456789");
    try (InputStream in = store.read(new ObjectKey("a"), new ByteRange(0, 10), etag)) {
      put("a", "abcdefghij");
      assertThat(in.readAllBytes()).asString(UTF_8).isEqualTo("0123456789");
    }
  }

  @Test
  void an_object_and_a_folder_cannot_share_a_name() {
    put("a/b", "1");

    assertFails(Kind.FAILED, () -> put("a", "2"));
    assertFails(Kind.FAILED, () -> put("a/b/c", "3"));

    assertThat(store.head(new ObjectKey("a"))).isEmpty();
    assertThat(store.head(new ObjectKey("a/b/c"))).isEmpty();
    assertThat(store.get(new ObjectKey("a/b/c"), 10)).isEmpty();
    store.delete(new ObjectKey("a"));
    store.delete(new ObjectKey("a/b/c"));
    assertThat(keys()).containsExactly("a/b");
  }

  @Test
  void an_empty_folder_is_no_obstacle_and_not_listed() throws IOException {
    Files.createDirectories(root.resolve("images/left-over"));

    assertThat(store.listFolders("images/")).isEmpty();
    put("images/left-over", "1");
    assertThat(keys()).containsExactly("images/left-over");
  }

  @Test
  void links_are_never_followed() throws IOException {
    Path outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "secret");
    Files.createSymbolicLink(root.resolve("folder"), outside);
    Files.createSymbolicLink(root.resolve("file"), outside.resolve("secret"));

    assertThat(keys()).isEmpty();
    assertThat(store.list("folder/")).isEmpty();
    assertThat(store.listFolders("")).isEmpty();
    assertThat(store.head(new ObjectKey("folder/secret"))).isEmpty();
    assertThat(store.get(new ObjectKey("file"), 100)).isEmpty();
    assertFails(Kind.FAILED, () -> put("folder/new", "x"));
    store.delete(new ObjectKey("folder/secret"));
    put("file", "replaced");

    assertThat(outside.resolve("secret")).hasContent("secret");
    assertThat(outside.resolve("new")).doesNotExist();
  }

  @Test
  void the_stores_own_files_are_no_objects() {
    put("a", "1");

    assertThat(root.resolve(".s3dock")).exists();
    assertThat(keys()).containsExactly("a");
    assertThat(store.list(".s3dock/")).isEmpty();
    assertFails(Kind.FAILED, () -> put(".s3dock/x", "1"));
  }

  @Test
  void what_a_crash_leaves_is_swept_away_when_it_is_old() throws IOException {
    put("a", "1");
    Path tmp = root.resolve(".s3dock/tmp");
    Path old = Files.writeString(tmp.resolve("old"), "x");
    Path young = Files.writeString(tmp.resolve("young"), "x");
    Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));

    store.startUpload(new ObjectKey("b")).close();

    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(keys()).containsExactly("a");
  }

  @Test
  void no_temporary_file_stays_behind() throws IOException {
    put("a", "1");
    assertFails(
        Kind.PRECONDITION_FAILED,
        () -> store.put(new ObjectKey("a"), new byte[1], Precondition.ifAbsent()));
    store.startUpload(new ObjectKey("b")).close();

    try (Stream<Path> left = Files.list(root.resolve(".s3dock/tmp"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void a_listing_holds_a_page_at_a_time_and_misses_nothing() {
    FileObjectStore small = new FileObjectStore(new FileLayout(root), 3);
    List<String> expected = IntStream.range(10, 60).mapToObj(i -> "a/" + i).toList();
    expected.reversed().forEach(key -> put(key, ""));

    assertThat(small.list("a/").map(stat -> stat.key().value())).isEqualTo(expected);
    assertThat(small.list("a/3")).hasSize(10);
  }

  @Test
  void a_file_instead_of_a_folder_is_no_store() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "x");

    assertFails(Kind.NO_BUCKET, () -> FileObjectStore.open(file));
    assertFails(Kind.NO_BUCKET, () -> FileObjectStore.open(file.resolve("below")));
  }

  @Test
  void errors_of_the_file_system_say_what_to_do() {
    assertKind(new IOException("No space left on device"), Kind.NO_SPACE);
    assertKind(new IOException("Disk quota exceeded"), Kind.NO_SPACE);
    assertKind(new AccessDeniedException("x"), Kind.ACCESS_DENIED);
    assertKind(new IOException("x: Read-only file system"), Kind.ACCESS_DENIED);
    assertKind(new AtomicMoveNotSupportedException("x", "y", "z"), Kind.FAILED);
    assertKind(new IOException("Input/output error"), Kind.FAILED);
  }

  private void assertKind(IOException e, Kind kind) {
    assertThat(FileErrors.translate(e, "write a", root).kind()).isEqualTo(kind);
  }
}
