package dev.s3dock.transfer;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.ImageReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The images of an app that an engine holds. */
public final class LocalImages {
  private final Engine engine;

  /** Creates a view of this engine. */
  public LocalImages(Engine engine) {
    this.engine = engine;
  }

  /**
   * Removes the older images of an app. Kept are {@code pulled}, the newest others up to the
   * number, and whatever a container uses, running or not.
   *
   * @param keep how many stay, {@code pulled} included; at least 1
   * @return what was removed, newest first
   */
  public List<ImageReference> removeOlder(ImageReference pulled, int keep) {
    Set<String> inUse = engine.imageIdsInUse();
    List<ImageReference> removed = new ArrayList<>();
    List<Held> others =
        engine.images(pulled.app()).stream()
            .flatMap(image -> held(pulled, image))
            .filter(held -> !held.reference().equals(pulled))
            .sorted(Comparator.comparing(Held::reference).reversed())
            .toList();
    for (Held held : others.subList(Math.min(keep - 1, others.size()), others.size())) {
      if (!inUse.contains(held.imageId())) {
        engine.removeTag(held.reference().toString());
        removed.add(held.reference());
      }
    }
    return removed;
  }

  private record Held(ImageReference reference, String imageId) {}

  private static Stream<Held> held(ImageReference pulled, EngineImage image) {
    String prefix = pulled.app() + ":";
    return image.references().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> ImageReference.ofTag(pulled.app(), name.substring(prefix.length())))
        .flatMap(Optional::stream)
        .map(reference -> new Held(reference, image.id()));
  }
}
