package dev.s3dock.transfer.build;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.DockerIgnore;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.git.Change;
import dev.s3dock.git.Commit;
import dev.s3dock.git.GitRepository;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.transfer.TransferException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Builds an image of exactly what a commit holds, and names it after that commit. */
public final class Builder {
  private static final int SHOWN_CHANGES = 20;

  /** A clone of a folder: its path would say something of this machine, and nothing to others. */
  private static final Pattern LOCAL_URL = Pattern.compile("[/.]|file:");

  private final Engine engine;

  public Builder(Engine engine) {
    this.engine = engine;
  }

  /**
   * What to build.
   *
   * @param context folder inside a git repository
   * @param dockerfile the file; it may lie outside the context
   */
  public record Order(
      AppName app,
      Path context,
      Path dockerfile,
      Optional<Platform> platform,
      Map<String, String> buildArgs,
      Optional<String> target,
      boolean noCache) {}

  /**
   * Builds.
   *
   * @param output receives the engine's own lines
   * @throws TransferException {@link TransferException.Kind#REFUSED} if the repository holds
   *     changes that the commit does not; the message lists them
   */
  public ImageReference build(Order order, OutputStream output) {
    GitRepository repository = GitRepository.discover(order.context());
    Commit head = repository.head();
    requireClean(repository, order);
    ImageReference reference = new ImageReference(order.app(), head.stamp(), head.shortHash());
    engine.build(
        new BuildRequest(
            order.context(),
            order.dockerfile(),
            reference.toString(),
            order.platform(),
            order.buildArgs(),
            order.target(),
            order.noCache(),
            labels(repository, head, reference),
            new SourceDates(
                head.committedAt().toInstant(), repository.lastChanges(order.context()))),
        output);
    return reference;
  }

  private static void requireClean(GitRepository repository, Order order) {
    DockerIgnore ignore = DockerIgnore.load(order.context(), order.dockerfile());
    List<Change> changes =
        repository.changes().stream()
            .filter(change -> !isExcused(change, repository.root(), order.context(), ignore))
            .toList();
    if (changes.isEmpty()) {
      return;
    }
    String shown =
        changes.stream()
            .limit(SHOWN_CHANGES)
            .map(c -> "  %-10s %s".formatted(c.kind().name().toLowerCase(Locale.ROOT), c.path()))
            .collect(Collectors.joining("\n"));
    int more = changes.size() - SHOWN_CHANGES;
    throw new TransferException(
        TransferException.Kind.REFUSED,
        "the repository has uncommitted changes, so no commit would describe the image:\n%s%s\ncommit or stash them, or add them to .gitignore"
            .formatted(shown, more > 0 ? "\n  … and " + more + " more" : ""));
  }

  /** An untracked file that the build context leaves out cannot get into the image. */
  private static boolean isExcused(Change change, Path root, Path context, DockerIgnore ignore) {
    if (change.kind() != Change.Kind.UNTRACKED) {
      return false;
    }
    Path file = root.resolve(change.path());
    Path folder = context.toAbsolutePath().normalize();
    return file.startsWith(folder) && ignore.excludes(folder.relativize(file).toString());
  }

  private static Map<String, String> labels(
      GitRepository repository, Commit head, ImageReference reference) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("org.opencontainers.image.revision", head.hash());
    labels.put(
        "org.opencontainers.image.created",
        DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(head.committedAt()));
    labels.put("org.opencontainers.image.version", reference.tag());
    repository
        .originUrl()
        .filter(url -> !LOCAL_URL.matcher(url).lookingAt())
        .ifPresent(url -> labels.put("org.opencontainers.image.source", url));
    return labels;
  }
}
