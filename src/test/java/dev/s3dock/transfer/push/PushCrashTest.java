package dev.s3dock.transfer.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Removal;
import dev.s3dock.registry.gc.Retention;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.testing.MovedClock;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.CrashingStore;
import dev.s3dock.testing.store.CrashingStore.Moment;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.Md5;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pushes of saved images, stopped dead before and after each of their store calls. */
class PushCrashTest {
  private static final ImageReference BASE = ImageReference.parse("my-app:20250720-1000-aaaaaaa");
  private static final ImageReference THEIRS =
      ImageReference.parse("their-app:20250719-1000-bbbbbbb");
  private static final ImageReference IMAGE = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final int MIB = 1 << 20;
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");
  private static final Actor ACTOR = new Actor("pusher", "host-1", "s3dock test");
  private static final Cleanup.Listener SILENT =
      new Cleanup.Listener() {
        @Override
        public void removed(Removal removal) {}

        @Override
        public void kept(Removal removal, String why) {}
      };

  @TempDir Path folder;

  /**
   * What is pushed, and what has been before.
   *
   * @param before pushed before, the first one first
   * @param pushed under {@link #IMAGE}
   */
  record Push(String name, Map<ImageReference, ImageSpec> before, ImageSpec pushed) {
    boolean replaces() {
      return before.containsKey(IMAGE)
          && !before.get(IMAGE).equals(pushed)
          && before.get(IMAGE).platform().equals(pushed.platform());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Large enough to be composed; with a change at its end. */
  private static ImageSpec large(int change) {
    byte[] app = Noise.of(2, 6 * MIB);
    System.arraycopy(Noise.of(change, 100), 0, app, app.length - 1000, 100);
    return ImageSpec.empty().withFile("base", Noise.of(1, 11 * MIB / 2)).withFile("app", app);
  }

  /** Of which another app has the larger part. */
  private static ImageSpec onBase(int seed) {
    return ImageSpec.empty()
        .withFile("base", Noise.of(1, 11 * MIB / 2))
        .withFile("app", Noise.of(seed, 9));
  }

  static Stream<Arguments> pushes() {
    ImageSpec one = ImageSpec.small();
    ImageSpec other = ImageSpec.small().withFile("etc/motd", "another one");
    return Stream.of(
            new Push("the first one", Map.of(), one),
            new Push("of what is there", Map.of(IMAGE, one), one),
            new Push("over another image", Map.of(IMAGE, one), other),
            new Push("of a further platform", Map.of(IMAGE, one), one.withPlatform("linux/arm64")),
            new Push("composed from a base", Map.of(BASE, large(3)), large(4)),
            new Push("composed from another app's base", Map.of(THEIRS, onBase(3)), onBase(4)))
        .flatMap(push -> moments(push).map(moment -> Arguments.of(push, moment)));
  }

  /**
   * Before a call is after the one before it, unless calls are made side by side. The large ones
   * cost most, so {@code ./check} lets them die after every third call alone.
   */
  private static Stream<Moment> moments(Push push) {
    return ALL || !isLarge(push) ? Stream.of(Moment.values()) : Stream.of(Moment.AFTER);
  }

  private static boolean isLarge(Push push) {
    return push.before().containsKey(BASE) || push.before().containsKey(THEIRS);
  }

  /** A bucket at a time. */
  private final class World {
    final MovedClock clock = new MovedClock(Instant.parse("2025-08-02T07:30:12Z"));
    final MemoryObjectStore store = new MemoryObjectStore(clock::instant);
    private final Path pushed;

    World(Path pushed) {
      this.pushed = pushed;
    }

    /** The same again, as it is now. */
    World copy() {
      World copy = new World(pushed);
      copy.clock.pass(Duration.between(copy.clock.instant(), clock.instant()));
      copy.store.startFrom(store);
      return copy;
    }

    PushingBucket on(ObjectStore which) {
      return new PushingBucket(which, folder, clock);
    }

    void push(ObjectStore which) throws Exception {
      on(which).pusher(false, 64 * MIB).push(IMAGE, ImageSource.of(pushed));
    }

    SortedMap<String, byte[]> events() {
      return store.contents().tailMap("audit/").headMap("audit0");
    }

    void clean() {
      Pointers pointers = new Pointers(store, new Images(store, clock), clock, ACTOR);
      new Cleanup(
              store,
              pointers,
              new AuditTrail(store),
              new AuditLog(store, clock, ACTOR),
              clock,
              ACTOR)
          .apply(
              IMAGE.app(),
              new Retention(Optional.empty(), Optional.empty(), false, 5, Optional.empty()),
              SILENT);
    }

    /** Every image that is published. */
    List<Published> published() {
      List<Published> all = new ArrayList<>();
      for (ImageReference reference : List.of(BASE, THEIRS, IMAGE)) {
        Images images = new Images(store, clock);
        images.find(reference).ifPresent(first -> all.addAll(images.platforms(first)));
      }
      return all;
    }

    boolean isWhole(Published image) {
      return md5(image.archive().value()).equals(image.metadata().checksum());
    }

    private String md5(String key) {
      byte[] content = store.contents().get(key);
      return content == null ? "" : HexFormat.of().formatHex(Md5.start().digest(content));
    }

    private static ObjectNode unsigned(byte[] metadata) {
      ObjectNode document = Documents.parse(new ObjectKey("metadata"), metadata);
      document.remove("write_id");
      return document;
    }

    /**
     * True if what the metadata describe lies in {@code archive/}, with the same metadata but for
     * the token of the write.
     */
    boolean isSetAside(Published image) {
      byte[] stored = store.contents().get(image.key().metadata().value());
      if (stored == null) {
        return false;
      }
      ObjectNode metadata = unsigned(stored);
      return store.contents().entrySet().stream()
          .filter(entry -> entry.getKey().startsWith("archive/"))
          .filter(entry -> entry.getKey().endsWith(".json"))
          .filter(entry -> unsigned(entry.getValue()).equals(metadata))
          .map(entry -> entry.getKey().replaceFirst("json$", "tar.gz"))
          .anyMatch(archive -> md5(archive).equals(image.metadata().checksum()));
    }
  }

  /** One in which these were pushed. */
  private World worldAfter(Map<ImageReference, Path> saved, Path pushed) throws Exception {
    World world = new World(pushed);
    for (ImageReference reference : saved.keySet()) {
      world
          .on(world.store)
          .pusher(false, 64 * MIB)
          .push(reference, ImageSource.of(saved.get(reference)));
    }
    world.clock.pass(Duration.ofMinutes(2));
    return world;
  }

  private Path save(ImageReference reference, ImageSpec image, String name) {
    return TestImages.dockerSave(folder.resolve(name), image, reference.toString());
  }

  @ParameterizedTest(name = "{0}, dies {1}")
  @MethodSource("pushes")
  void a_push_can_be_made_again(Push push, Moment moment) throws Exception {
    Path pushed = save(IMAGE, push.pushed(), "pushed.tar");
    Map<ImageReference, Path> saved =
        push.before().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, e -> save(e.getKey(), e.getValue(), "before.tar")));
    String imageId = new BuiltImage(push.pushed()).imageId().toString();
    World before = worldAfter(saved, pushed);
    int deaths =
        CrashingStore.atEachCall(
            moment,
            ALL || !isLarge(push) ? 1 : 3,
            process -> {
              World world = before.copy();
              SortedMap<String, byte[]> trail = world.events();
              process.does(world.store, world::push);
              requireNothingLost(world, push);
              assertThat(requireTrailWith(trail, world)).isBetween(process.isStruck() ? 0 : 1, 1);

              world.clock.pass(Duration.ofMinutes(2));
              int events = world.events().size();
              world.push(world.store);
              assertThat(world.events()).hasSize(events + 1);
              requireWhole(world, imageId);

              world.clock.pass(Duration.ofHours(25));
              world.clean();
              assertThat(world.published()).allMatch(world::isWhole);
              requireNothingLeft(world);
              requireTrailWith(trail, world);
            });
    assertThat(deaths).isGreaterThan(3);
  }

  /**
   * Between the end of the upload and the new metadata, and there alone, a push that replaces an
   * image leaves the old metadata with the new archive (ADR 7): what they describe lies in {@code
   * archive/} then.
   */
  private static void requireNothingLost(World world, Push push) {
    assertThat(world.published().size()).isGreaterThanOrEqualTo(push.before().size());
    for (Published image : world.published()) {
      if (!world.isWhole(image)) {
        assertThat(push.replaces() && image.key().reference().equals(IMAGE)).isTrue();
        assertThat(world.isSetAside(image)).as(image.key() + " is nowhere").isTrue();
      }
    }
  }

  private static int requireTrailWith(SortedMap<String, byte[]> before, World world) {
    SortedMap<String, byte[]> now = world.events();
    before.forEach((key, content) -> assertThat(now.get(key)).as(key).isEqualTo(content));
    return now.size() - before.size();
  }

  private void requireWhole(World world, String imageId) throws Exception {
    assertThat(world.published()).allMatch(world::isWhole);
    world.on(world.store).verified(IMAGE);
    assertThat(
            world.published().stream()
                .filter(image -> image.key().reference().equals(IMAGE))
                .map(image -> index(world, image.key())))
        .anyMatch(metadata -> metadata.contains(imageId));
  }

  private static String index(World world, ImageKey key) {
    return new String(world.store.contents().get(key.metadata().value()), UTF_8);
  }

  private static void requireNothingLeft(World world) {
    assertThat(world.store.openUploads()).isZero();
    for (String key : world.store.contents().keySet()) {
      assertThat(key).doesNotStartWith("temporary/").doesNotStartWith("cleanup/");
      if (key.startsWith("images/")) {
        Optional<ImageKey> image = BucketLayout.parseImage(new ObjectKey(key));
        assertThat(world.published().stream().map(p -> p.key().metadata()))
            .as(key)
            .contains(image.orElseThrow().metadata());
      }
    }
  }
}
