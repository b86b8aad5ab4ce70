package dev.s3dock.transfer;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The images of an app that an engine holds. */
public final class LocalImages {
  private final Engine engine;

  public LocalImages(Engine engine) {
    this.engine = engine;
  }

  /**
   * Removes the older images of an app, by the rules of {@link #judge}: what is needed, used, or
   * not published stays, however old it is.
   *
   * @param pulled stays, and is counted
   * @param keep how many stay at least, {@code pulled} included; at least 1
   * @return what was removed, newest first
   */
  public List<ImageReference> removeOlder(
      ImageReference pulled,
      int keep,
      Map<ImageReference, String> needed,
      Predicate<ImageReference> published) {
    List<Held> others =
        held(pulled.app()).filter(held -> !held.reference().equals(pulled)).toList();
    List<ImageReference> removed = new ArrayList<>();
    for (Local image : judge(others, keep - 1, needed, published)) {
      if (image.stays().isEmpty() && isRemoved(image.reference())) {
        removed.add(image.reference());
      }
    }
    return removed;
  }

  /** False if a container uses it by now. */
  private boolean isRemoved(ImageReference reference) {
    try {
      remove(reference);
      return true;
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.FAILED) {
        throw e;
      }
      return false;
    }
  }

  /** The apps of which the engine has images of commits, in order. */
  public Set<AppName> apps() {
    Set<AppName> apps = new TreeSet<>();
    for (String name : engine.references()) {
      String app = name.substring(0, Math.max(name.indexOf(':'), 0));
      if (AppName.isValid(app)
          && ImageReference.ofTag(new AppName(app), name.substring(app.length() + 1)).isPresent()) {
        apps.add(new AppName(app));
      }
    }
    return apps;
  }

  /**
   * An image that the engine has.
   *
   * @param stays why it must not go; empty if it may
   */
  public record Local(ImageReference reference, Optional<String> stays) {}

  /**
   * Judges the images of an app, newest commit first.
   *
   * @param keep so many of the newest stay
   * @param needed what must stay, and why
   * @param published true for what can be pulled again: only that may go
   */
  public List<Local> judge(
      AppName app,
      int keep,
      Map<ImageReference, String> needed,
      Predicate<ImageReference> published) {
    return judge(held(app).toList(), keep, needed, published);
  }

  private List<Local> judge(
      List<Held> all,
      int keep,
      Map<ImageReference, String> needed,
      Predicate<ImageReference> published) {
    Set<String> inUse = engine.imageIdsInUse();
    List<Local> judged = new ArrayList<>();
    for (Held held : all) {
      ImageReference image = held.reference();
      Optional<String> stays =
          inUse.contains(held.imageId())
              ? Optional.of("a container uses it")
              : Optional.ofNullable(needed.get(image));
      if (stays.isEmpty() && judged.size() < keep) {
        stays = Optional.of("among the newest " + keep);
      }
      if (stays.isEmpty() && !published.test(image)) {
        stays = Optional.of("not published, so it could not be pulled again");
      }
      judged.add(new Local(image, stays));
    }
    return judged;
  }

  /**
   * Removes an image.
   *
   * @throws EngineException {@code FAILED} if a container uses it by now
   */
  public void remove(ImageReference reference) {
    engine.removeTag(reference.toString());
  }

  private record Held(ImageReference reference, String imageId) {}

  /** The newest commit first. */
  private Stream<Held> held(AppName app) {
    return engine.images(app).stream()
        .flatMap(image -> held(app, image))
        .sorted(Comparator.comparing(Held::reference).reversed());
  }

  private static Stream<Held> held(AppName app, EngineImage image) {
    String prefix = app + ":";
    return image.references().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> ImageReference.ofTag(app, name.substring(prefix.length())))
        .flatMap(Optional::stream)
        .map(reference -> new Held(reference, image.id()));
  }
}
