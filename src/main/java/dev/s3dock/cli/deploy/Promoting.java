package dev.s3dock.cli.deploy;

import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.promotion.Promotions.Promoted;
import dev.s3dock.registry.promotion.Promotions.Way;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A promotion that a deployment does once its container is fit. */
final class Promoting implements EnvironmentMove {
  private final Wiring wiring;
  private final Supplier<Way> find;
  private @Nullable Way way;
  private @Nullable Promoted promoted;

  /** The way is looked for when the deployment has the host for itself. */
  Promoting(Wiring wiring, Supplier<Way> find) {
    this.wiring = wiring;
    this.find = find;
  }

  private Way way() {
    if (way == null) {
      way = find.get();
    }
    return way;
  }

  @Override
  public ImageReference image() {
    return way().image();
  }

  @Override
  public void move() {
    promoted = wiring.registry().promotions().go(way());
    wiring.note(describe());
  }

  @Override
  public boolean stands() {
    try {
      return wiring
          .registry()
          .pointers()
          .find(image().app(), way().environment())
          .map(pointer -> wiring.registry().pointers().follow(pointer).reference())
          .equals(Optional.of(image()));
    } catch (RegistryException e) {
      return false; // it leads nowhere by now
    }
  }

  /** True if it was moved, and was not there already. */
  boolean hasMoved() {
    return promoted != null && !promoted.skipped();
  }

  @Override
  public String describe() {
    AppName app = image().app();
    String what = "%s of %s".formatted(way().environment(), app);
    Optional<Pointer> before = way().before();
    if (promoted == null) {
      return "%s was not moved: %s"
          .formatted(
              what,
              before
                  .map(it -> "it is where it was, at " + name(it))
                  .orElse("nothing was promoted to it yet"));
    }
    if (promoted.skipped()) {
      return "%s still points to it, for all hosts: `s3dock rollback %s %s` moves it back"
          .formatted(what, app, way().environment());
    }
    return before
        .map(
            it ->
                "%s was moved from %s to %s, for all hosts: `s3dock promote %s %s` moves it back"
                    .formatted(what, name(it), way().source(), words(app, it), way().environment()))
        .orElseGet(
            () ->
                "%s was moved to %s, for all hosts; nothing was promoted to it before"
                    .formatted(what, way().source()));
  }

  private static String name(Pointer pointer) {
    return switch (pointer.target()) {
      case Pointer.Target.OfImage of -> of.image().reference().toString();
      case Pointer.Target.OfVersion of ->
          "%s (%s)".formatted(of.version(), Printable.of(pointer.sourceImage()));
    };
  }

  private static String words(AppName app, Pointer pointer) {
    return switch (pointer.target()) {
      case Pointer.Target.OfImage of -> of.image().reference().toString();
      case Pointer.Target.OfVersion of -> app + " " + of.version();
    };
  }
}
