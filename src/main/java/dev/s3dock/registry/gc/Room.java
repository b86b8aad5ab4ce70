package dev.s3dock.registry.gc;

import dev.s3dock.image.AppName;
import dev.s3dock.registry.RegistryException;

/** How many things of one app a cleanup holds at the most, so that it ends before memory does. */
final class Room {
  /** What one takes, in bytes: docs/performance.md has the measurement, and this is more. */
  private static final long EACH = 2560;

  private final AppName app;
  private final long most;
  private long taken;

  Room(AppName app, long most) {
    this.app = app;
    this.most = most;
  }

  /** How many fit into the memory that this process may have. */
  static long ofMemory() {
    return Runtime.getRuntime().maxMemory() / EACH;
  }

  /**
   * Takes the room of one.
   *
   * @throws RegistryException {@link RegistryException.Kind#TOO_MANY} if there is none left
   */
  void take() {
    if (++taken > most) {
      throw RegistryException.tooMany(
          "%s has more than %d images and leftovers, which is all that cleanup can hold in %d MiB of memory; nothing of it was removed: run it with more, such as S3DOCK_JAVA_OPTS=-Xmx2g"
              .formatted(app, most, Runtime.getRuntime().maxMemory() >> 20));
    }
  }
}
