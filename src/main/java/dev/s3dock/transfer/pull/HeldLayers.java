package dev.s3dock.transfer.pull;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which layers of an image an engine has, so that it may take in an archive without them. That is a
 * guess: an image can go away meanwhile, and how the containerd store keeps a layer is not told. So
 * a load may be refused, and has to be checked.
 */
final class HeldLayers {
  private static final int MOST_IMAGES = 200;

  private final Engine engine;
  private final ImageStore store;

  HeldLayers(Engine engine, ImageStore store) {
    this.engine = engine;
    this.store = store;
  }

  /**
   * The layers that need not be sent.
   *
   * @param wanted diff_ids of the image, from the base up, a repeated one again
   */
  Set<Digest> among(List<Digest> wanted, AppName app) {
    List<EngineImage> images = images(app);
    return switch (store) {
      case GRAPH_DRIVER -> leading(wanted, images);
      case CONTAINERD -> anywhere(wanted, images);
    };
  }

  /** An image that cannot be looked at is no reason not to pull another one. */
  private List<EngineImage> images(AppName app) {
    try {
      return engine.images(app, MOST_IMAGES);
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.FAILED) {
        return List.of();
      }
      throw e;
    }
  }

  /**
   * A graph driver knows a layer by its chain: by all layers below it as well. A layer that occurs
   * again further up is needed there.
   */
  private static Set<Digest> leading(List<Digest> wanted, List<EngineImage> images) {
    int longest =
        images.stream().mapToInt(image -> commonStart(image.diffIds(), wanted)).max().orElse(0);
    Set<Digest> held = new HashSet<>(wanted.subList(0, longest));
    wanted.subList(longest, wanted.size()).forEach(held::remove);
    return held;
  }

  private static int commonStart(List<Digest> a, List<Digest> b) {
    int length = 0;
    while (length < a.size() && length < b.size() && a.get(length).equals(b.get(length))) {
      length++;
    }
    return length;
  }

  /**
   * The containerd store has a layer's blob under the diff_id if it came uncompressed, as s3dock
   * sends it. Layers of a registry or of BuildKit came compressed, so only images that are named as
   * s3dock names them count.
   */
  private static Set<Digest> anywhere(List<Digest> wanted, List<EngineImage> images) {
    Set<Digest> held = new HashSet<>();
    images.stream().filter(HeldLayers::mayBeOurs).forEach(image -> held.addAll(image.diffIds()));
    held.retainAll(Set.copyOf(wanted));
    return held;
  }

  private static boolean mayBeOurs(EngineImage image) {
    return image.references().stream().anyMatch(HeldLayers::isImageReference);
  }

  private static boolean isImageReference(String name) {
    try {
      ImageReference.parse(name);
      return true;
    } catch (InvalidNameException e) {
      return false;
    }
  }
}
