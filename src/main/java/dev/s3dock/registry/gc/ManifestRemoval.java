package dev.s3dock.registry.gc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ManifestObject;
import dev.s3dock.registry.Manifests;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.Tombstone;
import dev.s3dock.registry.Tombstone.Stage;
import dev.s3dock.registry.gc.Removal.OfManifest;
import dev.s3dock.store.ObjectStore;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Takes images out of what leads to them from the digest of their manifest. The object goes with
 * the last of them: it is marked by compare-and-set before it is deleted, and whoever pushes the
 * same content meanwhile meets the mark, so that no delete hits what a push has written.
 */
final class ManifestRemoval {
  private static final int MAX_TRIES = 50;

  private final ObjectStore store;
  private final Manifests manifests;
  private final Clock clock;
  private final Actor actor;

  ManifestRemoval(ObjectStore store, Clock clock, Actor actor) {
    this.store = store;
    this.manifests = new Manifests(store, clock);
    this.clock = clock;
    this.actor = actor;
  }

  /** Lets the digest lead to this image no more. What is damaged stays, and verify tells of it. */
  void forget(ImageKey image, Digest digest, String removal) {
    for (int tries = 1; tries <= MAX_TRIES; tries++) {
      Optional<ManifestObject> read = find(image.reference().app(), digest);
      if (read.filter(it -> it.images().contains(image)).isEmpty()
          || take(read.get(), List.of(image), removal)) {
        return;
      }
    }
  }

  /**
   * Removes what leads nowhere, if it is as it was listed.
   *
   * @return false if it has changed
   */
  boolean remove(OfManifest listed, String removal) {
    return find(listed.app(), listed.digest())
        .filter(it -> it.state().equals(listed.object().etag()))
        .map(it -> take(it, listed.gone(), removal))
        .orElse(false);
  }

  private Optional<ManifestObject> find(AppName app, Digest digest) {
    try {
      return manifests.find(app, digest);
    } catch (RegistryException damaged) {
      return Optional.empty();
    }
  }

  /** False if it has changed since it was read. */
  private boolean take(ManifestObject read, Collection<ImageKey> gone, String removal) {
    if (!gone.containsAll(read.images())) {
      return manifests.replace(read, read.without(gone)).isPresent();
    }
    OffsetDateTime now = OffsetDateTime.now(clock);
    ObjectNode mark =
        new Tombstone(Stage.DELETING, removal, now.toInstant())
            .markIn(Documents.create(), actor, now);
    if (manifests.replace(read, mark).isEmpty()) {
      return false;
    }
    if (clock.instant().isBefore(now.toInstant().plus(Tombstone.PATIENCE))) {
      store.delete(read.key());
    } // else the next cleanup finds it marked
    return true;
  }
}
