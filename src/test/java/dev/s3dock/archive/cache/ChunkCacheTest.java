package dev.s3dock.archive.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.archive.cache.ChunkCache.Usage;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkCacheTest {
  private static final Instant NOW = Instant.parse("2025-07-21T12:00:00Z");
  private static final long LIMIT = 64 << 20;
  private static final byte[] CHUNK = CacheWorker.chunk(1);
  private static final Digest DIGEST = Digest.of(CHUNK);

  @TempDir Path dir;
  private final List<String> warnings = new ArrayList<>();

  private Path folder() {
    return dir.resolve("cache");
  }

  private ChunkCache open() {
    return open(Limit.of(LIMIT), NOW);
  }

  private ChunkCache open(Limit limit, Instant now) {
    return ChunkCache.open(folder(), limit, Clock.fixed(now, ZoneOffset.UTC), warnings::add);
  }

  private static Digest keep(ChunkCache cache, int number) {
    byte[] chunk = CacheWorker.chunk(number);
    cache.keep(Digest.of(chunk), chunk, 0, chunk.length);
    return Digest.of(chunk);
  }

  private Path file(Digest digest) {
    return folder().resolve("v1").resolve(digest.hex());
  }

  private void used(Digest digest, Instant when) throws IOException {
    Files.setLastModifiedTime(file(digest), FileTime.from(when));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder())) {
      return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).toList();
    }
  }

  @Test
  void what_is_kept_is_found_by_this_process_and_the_next() {
    ChunkCache cache = open();
    byte[] around = new byte[CHUNK.length + 20];
    System.arraycopy(CHUNK, 0, around, 10, CHUNK.length);
    cache.keep(DIGEST, around, 10, CHUNK.length);

    assertThat(cache.find(DIGEST)).hasValue(CHUNK);
    assertThat(open().find(DIGEST)).hasValue(CHUNK);
    assertThat(open().find(Digest.of(new byte[0]))).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void it_is_for_its_owner_alone() throws IOException {
    keep(open(), 1);

    for (Path made : List.of(folder(), folder().resolve("v1"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
          .isEqualTo("rwx------");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20, 47, 48, 49, 30_000, 60_047})
  void a_chunk_that_was_cut_short_is_not_there_and_goes(int length) throws IOException {
    keep(open(), 1);
    Files.write(file(DIGEST), Arrays.copyOf(Files.readAllBytes(file(DIGEST)), length));

    assertThat(open().find(DIGEST)).isEmpty();
    assertThat(file(DIGEST)).doesNotExist();
    keep(open(), 1);
    assertThat(open().find(DIGEST)).hasValue(CHUNK);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8, 39, 40, 44, 48, 30_000, 60_047})
  void a_chunk_with_a_wrong_byte_is_not_there_and_goes(int where) throws IOException {
    keep(open(), 1);
    byte[] bytes = Files.readAllBytes(file(DIGEST));
    bytes[where] ^= 1;
    Files.write(file(DIGEST), bytes);

    assertThat(open().find(DIGEST)).isEmpty();
    assertThat(file(DIGEST)).doesNotExist();
  }

  @Test
  void a_chunk_under_the_name_of_another_one_is_neither() throws IOException {
    Digest first = keep(open(), 1);
    Digest second = keep(open(), 2);
    Files.copy(file(first), file(second), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThat(open().find(second)).isEmpty();
    assertThat(open().find(first)).isPresent();
  }

  @Test
  void a_link_in_the_place_of_a_chunk_is_not_followed() throws IOException {
    keep(open(), 1);
    Path elsewhere = Files.move(file(DIGEST), dir.resolve("elsewhere"));
    Files.createSymbolicLink(file(DIGEST), elsewhere);

    assertThat(open().find(DIGEST)).isEmpty();
    keep(open(), 1);
    assertThat(file(DIGEST)).isRegularFile().isNotEqualTo(elsewhere);
    assertThat(Files.isSymbolicLink(file(DIGEST))).isFalse();
    assertThat(elsewhere).exists();
  }

  @Test
  void a_link_in_the_place_of_the_folder_is_not_followed() throws IOException {
    Path elsewhere = Files.createDirectories(dir.resolve("elsewhere"));
    Files.createDirectories(folder());
    Files.createSymbolicLink(folder().resolve("v1"), elsewhere);

    ChunkCache cache = open();
    keep(cache, 1);

    assertThat(cache.find(DIGEST)).isEmpty();
    assertThat(elsewhere).isEmptyDirectory();
    assertThat(warnings).singleElement().asString().contains("is not used", "remove it");
  }

  @Test
  void a_file_in_the_place_of_the_cache_is_told_at_once() throws IOException {
    Files.writeString(folder(), "a file");

    assertThat(open().isUsed()).isFalse();

    assertThat(warnings).singleElement().asString().contains("is no folder; name another one");
  }

  /** The folder that the user names may be reached by a link, as systemd makes one. */
  @Test
  void a_link_on_the_way_to_the_cache_is_followed() throws IOException {
    Files.createSymbolicLink(folder(), Files.createDirectories(dir.resolve("private")));

    keep(open(), 1);

    assertThat(open().find(DIGEST)).hasValue(CHUNK);
    assertThat(warnings).isEmpty();
  }

  @Test
  @Tag("engine") // as root
  void what_belongs_to_somebody_else_is_not_used() throws IOException {
    keep(open(), 1);
    Files.setAttribute(file(DIGEST), "unix:uid", 65534);
    assertThat(open().find(DIGEST)).isEmpty();
    assertThat(file(DIGEST)).doesNotExist();

    keep(open(), 1);
    Files.setAttribute(folder().resolve("v1"), "unix:uid", 65534);
    ChunkCache cache = open();
    keep(cache, 2);
    assertThat(cache.find(DIGEST)).isEmpty();
    assertThat(files()).hasSize(1);
    assertThat(warnings).singleElement().asString().contains("belongs to somebody else");
  }

  @Test
  void chunks_of_another_version_are_left_alone() throws IOException {
    Path other = Files.createDirectories(folder().resolve("v2")).resolve(DIGEST.hex());
    Files.write(other, CHUNK);

    assertThat(open().find(DIGEST)).isEmpty();
    keep(open(), 2);
    assertThat(other).hasBinaryContent(CHUNK);
  }

  @Test
  void the_least_recently_used_chunks_go() throws IOException {
    long each = CHUNK.length + 48L;
    Limit ten = Limit.of(10 * each);
    List<Digest> kept = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      kept.add(keep(open(), i));
      used(kept.get(i), NOW.minus(Duration.ofDays(20 - i)));
    }
    open().find(kept.getFirst());

    ChunkCache small = open(ten, NOW);
    keep(small, 100);
    keep(small, 101);
    keep(small, 102);

    assertThat(file(kept.getFirst())).exists();
    assertThat(file(kept.get(1))).doesNotExist();
    assertThat(file(kept.getLast())).exists();
    assertThat(files().stream().mapToLong(file -> file.toFile().length()).sum())
        .isLessThanOrEqualTo(10 * each);
  }

  @Test
  void an_image_that_is_larger_than_the_cache_does_not_push_itself_out() throws IOException {
    long each = CHUNK.length + 48L;
    ChunkCache cache = open(Limit.of(5 * each), NOW);
    for (int i = 0; i < 20; i++) {
      keep(cache, i);
      used(keep(cache, 0), NOW);
    }
    assertThat(cache.find(Digest.of(CacheWorker.chunk(0)))).isPresent();
    assertThat(files()).hasSizeBetween(3, 5);
    assertThat(warnings).isEmpty();
  }

  @Test
  void no_more_than_the_stated_part_of_the_free_space_is_used() throws IOException {
    Files.createDirectories(folder());
    long free = Files.getFileStore(folder()).getUsableSpace();
    int part = (int) Math.min(Integer.MAX_VALUE, free / 200_000);

    ChunkCache cache = open(new Limit(Long.MAX_VALUE, part), NOW);
    for (int i = 0; i < 10; i++) {
      keep(cache, i);
    }

    assertThat(files()).hasSizeBetween(1, 6);
  }

  @Test
  void what_a_killed_process_has_left_goes_when_it_is_old() throws IOException {
    keep(open(), 1);
    Path old = Files.createFile(file(DIGEST).resolveSibling("old.part"));
    Path young = Files.createFile(file(DIGEST).resolveSibling("young.part"));
    Files.setLastModifiedTime(old, FileTime.from(NOW.minus(Duration.ofHours(2))));
    Files.setLastModifiedTime(young, FileTime.from(NOW));

    keep(open(), 2);

    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void a_folder_that_cannot_be_made_is_told_once() throws IOException {
    Files.createFile(folder());

    ChunkCache cache = open();
    keep(cache, 1);
    keep(cache, 2);

    assertThat(cache.find(DIGEST)).isEmpty();
    assertThat(warnings).hasSize(1);
  }

  /** A disk of 1 MiB, mounted for the test: needs root, as the tests with engines do. */
  @Test
  @Tag("engine")
  void a_full_disk_is_told_once_and_what_is_there_is_still_found() throws Exception {
    Path disk = Files.createDirectories(dir.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
    try {
      ChunkCache cache =
          ChunkCache.open(
              disk.resolve("cache"),
              Limit.of(LIMIT),
              Clock.fixed(NOW, ZoneOffset.UTC),
              warnings::add);
      Files.write(disk.resolve("other"), new byte[700_000]);
      List<Digest> kept = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        kept.add(keep(cache, i));
      }

      assertThat(cache.find(kept.getFirst())).isPresent();
      assertThat(kept.stream().map(cache::find).filter(Optional::isPresent).count())
          .isBetween(1L, 6L);
      assertThat(warnings.size()).isLessThanOrEqualTo(1);
      try (Stream<Path> files = Files.walk(disk)) {
        assertThat(files.filter(file -> file.toString().endsWith(".part"))).isEmpty();
      }
    } finally {
      run("umount", disk.toString());
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  private Process worker(long limit, int seed, int times) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                CacheWorker.class.getName(),
                folder().toString(),
                Long.toString(limit),
                Integer.toString(seed),
                Integer.toString(times))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.getInputStream().read()).isEqualTo('b');
    return process;
  }

  @Test
  void two_processes_share_it_and_one_that_is_killed_leaves_no_wrong_chunk() throws Exception {
    Process killed = worker(LIMIT, 1, Integer.MAX_VALUE);
    Process whole = worker(LIMIT, 2, 1000);
    try {
      assertThat(whole.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(whole.exitValue()).isZero();
      assertThat(killed.isAlive()).isTrue();
    } finally {
      killed.destroyForcibly();
      whole.destroyForcibly();
    }
    assertThat(killed.waitFor(1, TimeUnit.MINUTES)).isTrue();

    ChunkCache later = open(Limit.of(LIMIT), Instant.now().plus(Duration.ofHours(2)));
    keep(later, 1000);
    try (Stream<Path> left = Files.list(folder().resolve("v1"))) {
      assertThat(left.map(file -> String.valueOf(file.getFileName())))
          .allMatch(n -> n.length() == 64);
    }
    for (int i = 0; i < CacheWorker.CHUNKS; i++) {
      byte[] chunk = CacheWorker.chunk(i);
      Digest digest = Digest.of(chunk);
      if (Files.exists(file(digest))) {
        assertThat(later.find(digest)).hasValue(chunk);
      }
    }
  }

  @Test
  void it_tells_what_is_in_it_and_what_is_old_goes() throws IOException {
    keep(open(), 1);
    keep(open(), 2);
    Usage both = new Usage(2, 2 * (CHUNK.length + 48L));

    used(Digest.of(CacheWorker.chunk(2)), NOW.minus(Duration.ofDays(2)));
    Instant yesterday = NOW.minus(Duration.ofDays(1));
    Usage one = new Usage(1, CHUNK.length + 48L);

    assertThat(open().usage()).isEqualTo(both);
    assertThat(open().unused(yesterday)).isEqualTo(one);
    assertThat(open().removeUnused(yesterday)).isEqualTo(one);
    assertThat(open().find(DIGEST)).isPresent();
    assertThat(open().removeUnused(Instant.MAX)).isEqualTo(one);
    assertThat(open().usage()).isEqualTo(new Usage(0, 0));
  }

  @Test
  void without_a_size_nothing_is_kept() {
    ChunkCache none = open(Limit.of(0), NOW);
    keep(none, 1);

    assertThat(none.isUsed()).isFalse();
    assertThat(folder()).doesNotExist();
  }
}
