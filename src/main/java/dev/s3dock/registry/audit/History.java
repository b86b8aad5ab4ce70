package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.Period.Where;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Tells what an environment was at, and when, out of the audit trail and its pointer. */
public final class History {
  private static final Set<String> TYPES =
      Set.of("promotion", "tag", "deployment", "rollback", "removal");

  private final AuditSearch search;
  private final Pointers pointers;
  private final Catalog catalog;

  /** Creates it over these parts of one store. */
  public History(AuditSearch search, Pointers pointers, Catalog catalog) {
    this.search = search;
    this.pointers = pointers;
    this.catalog = catalog;
  }

  /** Counts what the consumer cannot be told. */
  private static final class Count {
    long periods;
    long damaged;
  }

  /**
   * Reads it, the oldest period first.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if nothing was ever promoted
   *     to the environment; after all periods {@link RegistryException.Kind#CORRUPT} if there are
   *     damaged events, any of which may be of this environment
   */
  public void read(AppName app, Environment environment, Consumer<Period> consumer) {
    Count count = new Count();
    Timeline timeline =
        new Timeline(
            app,
            environment,
            period -> {
              count.periods++;
              consumer.accept(period);
            });
    search.read(
        AuditQuery.of(app, TYPES),
        entry -> {
          switch (entry) {
            case AuditEntry.Event event -> timeline.add(event);
            case AuditEntry.Damaged ignored -> count.damaged++;
          }
        });
    end(timeline, pointers.find(app, environment));
    if (count.periods == 0) {
      throw catalog.noEnvironment(app, environment);
    }
    if (count.damaged > 0) {
      throw search.damaged(app, count.damaged);
    }
  }

  private void end(Timeline timeline, Optional<Pointer> pointer) {
    if (pointer.isEmpty()) {
      timeline.endNowhere();
      return;
    }
    Pointer now = pointer.get();
    Optional<String> version =
        now.target() instanceof Pointer.Target.OfVersion of
            ? Optional.of(of.version().value())
            : Optional.empty();
    timeline.endAt(
        new Where(image(now), version),
        Documents.instant(now.document(), "promoted_at"),
        now.promotedBy());
  }

  /** Empty if the pointer leads to a version that is gone. */
  private Optional<String> image(Pointer pointer) {
    try {
      return Optional.of(pointers.follow(pointer)).map(ImageKey::reference).map(Object::toString);
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }
}
