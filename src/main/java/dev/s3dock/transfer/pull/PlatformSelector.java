package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Picks, of one commit's images, the one for a platform. */
public final class PlatformSelector {
  private final Images images;

  public PlatformSelector(Images images) {
    this.images = images;
  }

  /**
   * The image for the platform: the same one, or one of another variant of the same processor. An
   * archive of the original does not tell its platform, and is taken for any.
   *
   * @throws TransferException {@link TransferException.Kind#NOT_FOUND} if there is none; the
   *     message names those that are published
   */
  public Published pick(Published first, Platform wanted) {
    if (suits(first, wanted, true)) {
      return first;
    }
    List<Published> all = images.platforms(first);
    for (boolean exact : List.of(true, false)) {
      Optional<Published> match = all.stream().filter(v -> suits(v, wanted, exact)).findFirst();
      if (match.isPresent()) {
        return match.get();
      }
    }
    throw new TransferException(
        TransferException.Kind.NOT_FOUND,
        "%s is not published for %s, only for %s; build it with --platform %s and push it"
            .formatted(
                first.key().reference(),
                wanted,
                all.stream().map(PlatformSelector::describe).collect(Collectors.joining(", ")),
                wanted));
  }

  private static boolean suits(Published published, Platform wanted, boolean exact) {
    Optional<Platform> platform = platform(published);
    if (platform.isEmpty()) {
      return published.key().platform().map(wanted.suffix()::equals).orElse(true);
    }
    return exact
        ? platform.get().equals(wanted)
        : platform.get().os().equals(wanted.os())
            && platform.get().architecture().equals(wanted.architecture());
  }

  /** What the archive runs on; empty where only the original's metadata is there. */
  public static Optional<Platform> platform(Published published) {
    return PublishedIndex.of(published).map(ArchiveIndex::platform);
  }

  private static String describe(Published published) {
    return platform(published)
        .map(Platform::toString)
        .or(() -> published.key().platform())
        .orElse("an unknown platform");
  }
}
