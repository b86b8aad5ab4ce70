package dev.s3dock.verify;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.PointerKind;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.Resolver;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.verify.Finding.Severity;
import dev.s3dock.verify.Inventory.Walk;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Are the stored bytes what they say? One run over some images, an app, or all there is. Findings
 * are handed on as they are made, in the order of the keys; memory does not grow with the bucket.
 *
 * <p>The small objects of an app come first, its images after them, and the apps in their order: so
 * a run that ends before its end can go on {@linkplain #position where it was}.
 */
public final class Verifier {
  /** How many objects are looked at at the same time. */
  public static final int AT_ONCE = 16;

  /** So many objects in a row that the store would not give: then it gives none. */
  private static final int HOPELESS = 20;

  private final ObjectStore store;
  private final Catalog catalog;
  private final Pointers pointers;
  private final Images images;
  private final Inventory inventory;
  private final MetadataVerifier metadata;
  private final ArchiveBytes bytes;
  private final ImageCheck check;
  private final boolean deep;
  private final int atOnce;
  private final Consumer<Finding> consumer;
  private final VerifyResult.Tally tally = new VerifyResult.Tally();
  private Optional<Start> position = Optional.empty();

  /**
   * How objects are read.
   *
   * @param deep all bytes of the archives, too
   * @param retries of a range that fails
   * @param threads that decompress
   * @param atOnce how many objects are looked at at the same time; with 1, on the caller's thread
   */
  public record Reading(
      boolean deep, int retries, int threads, int atOnce, TransferProgress progress) {}

  /**
   * Prepares a run; nothing is read before it starts.
   *
   * @param consumer told of what is found, on the thread that runs
   */
  public Verifier(
      ObjectStore store,
      Images images,
      Pointers pointers,
      Catalog catalog,
      Clock clock,
      ConsistentRead.Pause pause,
      Reading reading,
      Consumer<Finding> consumer) {
    ConsistentRead reread = new ConsistentRead(store, clock, pause);
    this.store = store;
    this.images = images;
    this.pointers = pointers;
    this.catalog = catalog;
    this.inventory = new Inventory(store);
    this.metadata = new MetadataVerifier(store, images, reread, reading.atOnce());
    this.bytes = new ArchiveBytes(store, reading.retries(), reading.threads(), reading.progress());
    this.check = new ImageCheck(inventory, images, reread, clock, bytes, reading.deep());
    this.deep = reading.deep();
    this.atOnce = reading.atOnce();
    this.consumer = consumer;
  }

  /**
   * Where a run begins.
   *
   * @param image of the app: earlier ones, and the app's small objects, are left out
   */
  public record Start(AppName app, Optional<ImageReference> image) {
    @Override
    public String toString() {
      return image.map(ImageReference::toString).orElse(app.value());
    }
  }

  /** Where a new run would have to begin so that both together leave nothing out. */
  public Optional<Start> position() {
    return position;
  }

  /** What was looked at so far, and what was found. */
  public VerifyResult summary() {
    return tally.summary(bytes.read());
  }

  /** Verifies every app, also one that has nothing but events. */
  public void all(Optional<Start> start) {
    for (AppName app : inventory.apps(this::found)) {
      if (start.isPresent() && app.compareTo(start.get().app()) < 0) {
        continue;
      }
      objects(app, start.filter(it -> it.app().equals(app)));
    }
  }

  /**
   * Verifies all that there is of an app.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if there is nothing of it
   */
  public void app(AppName app, Optional<Start> start) {
    if (objects(app, start) == 0) {
      catalog.requireApp(app);
    }
    position = Optional.empty();
  }

  /**
   * Verifies the image of a commit, on every platform.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if it is not published
   */
  public void image(ImageReference reference) {
    List<StoredImage> objects = inventory.images(reference);
    long before = tally.images();
    objects.forEach(object -> add(check.check(object)));
    if (tally.images() == before) {
      images.require(reference);
    }
  }

  /**
   * Verifies an environment or a version, and the image that it leads to on every platform; both,
   * if there are both of this name.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if there is neither
   */
  public void target(AppName app, String word) {
    boolean found = false;
    for (PointerKind kind : Resolver.order(word)) {
      MetadataKind part = MetadataKind.of(kind);
      Optional<ObjectKey> key = key(app, part, word).filter(this::isThere);
      if (key.isPresent()) {
        MetadataVerifier.Checked checked = metadata.check(app, part, key.get());
        add(part, checked);
        if (checked.findings().isEmpty()) {
          leadsTo(key.get()).forEach(object -> add(check.check(object)));
        }
        found = true;
      }
    }
    if (!found) {
      throw catalog.noTarget(app, word);
    }
  }

  /** True also for one that is damaged; false for one that was taken back. */
  private boolean isThere(ObjectKey key) {
    try {
      return pointers.read(key).isPresent();
    } catch (RegistryException e) {
      return true;
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.TOO_LARGE) {
        throw e;
      }
      return true;
    }
  }

  private static Optional<ObjectKey> key(AppName app, MetadataKind part, String word) {
    try {
      return Optional.of(
          part == MetadataKind.VERSIONS
              ? BucketLayout.tag(app, new Version(word))
              : BucketLayout.pointer(app, new Environment(word)));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  private List<StoredImage> leadsTo(ObjectKey sound) {
    try {
      Optional<ImageKey> image = pointers.read(sound).map(pointers::follow);
      return image.map(key -> inventory.images(key.reference(), key.month())).orElse(List.of());
    } catch (RegistryException e) {
      return List.of(); // moved since it was found sound: its image is another one's business
    }
  }

  private long objects(AppName app, Optional<Start> start) {
    position = Optional.of(start.orElse(new Start(app, Optional.empty())));
    long count = 0;
    if (start.flatMap(Start::image).isEmpty()) {
      for (MetadataKind part : MetadataKind.values()) {
        count += part(app, part);
      }
    }
    Walk walk = new Walk(start.flatMap(Start::image), deep ? 1 : atOnce);
    Patience patience = new Patience();
    return count
        + inventory.images(
            app,
            walk,
            this::found,
            check::check,
            checked -> {
              patience.heard(checked.findings());
              add(checked);
            });
  }

  /** A part that the store will not give is told of as one; the others may be readable. */
  private long part(AppName app, MetadataKind part) {
    Patience patience = new Patience();
    try {
      return metadata.check(
          app,
          part,
          this::found,
          checked -> {
            patience.heard(checked.findings());
            add(part, checked);
          });
    } catch (StoreException e) {
      ConsistentRead.notChecked(part.folder(app), e).forEach(this::found);
      return 1;
    }
  }

  /** Ends where the store gives nothing any more. */
  private static final class Patience {
    private int inARow;

    void heard(List<Finding> findings) {
      Optional<Finding> refused = findings.stream().filter(Verifier::isNotChecked).findFirst();
      inARow = refused.isPresent() ? inARow + 1 : 0;
      if (inARow == HOPELESS) {
        throw new StoreException(
            StoreException.Kind.UNAVAILABLE,
            "%d objects in a row could not be read, the last because of: %s"
                .formatted(HOPELESS, refused.get().problem()));
      }
    }
  }

  private static boolean isNotChecked(Finding finding) {
    return finding.severity() == Severity.NOT_CHECKED;
  }

  private void add(ImageCheck.Checked checked) {
    ImageKey key = checked.image().key();
    boolean told = checked.findings().stream().noneMatch(Verifier::isNotChecked);
    if (told && key.month().equals(key.reference().stamp().yearMonth())) {
      position = Optional.of(new Start(key.reference().app(), Optional.of(key.reference())));
    }
    tally.image(checked.published(), checked.size());
    checked.findings().forEach(this::found);
  }

  private void add(MetadataKind part, MetadataVerifier.Checked checked) {
    tally.object(part);
    checked.findings().forEach(this::found);
  }

  private void found(Finding finding) {
    tally.finding(finding.severity());
    consumer.accept(finding);
  }

  /**
   * Throws if what was verified is not sound: damage first, then why the run has ended early, then
   * what could not be told.
   *
   * @param end why it has ended early, if it has
   */
  public void requireSound(Optional<RuntimeException> end) {
    VerifyResult summary = summary();
    if (summary.damaged() > 0) {
      String early = end.map(reason -> "; ended early: " + reason.getMessage()).orElse("");
      throw new TransferException(
          TransferException.Kind.INTEGRITY,
          "%d damaged in %s; each line above says what to do%s"
              .formatted(summary.damaged(), store.describe(), early));
    }
    if (end.isPresent()) {
      throw end.get();
    }
    if (summary.notChecked() > 0) {
      throw new StoreException(
          StoreException.Kind.UNAVAILABLE,
          "%d in %s could not be checked, the rest has no problems; each line above says why"
              .formatted(summary.notChecked(), store.describe()));
    }
  }
}
