package dev.s3dock.transfer.build;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.DockerIgnore;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.git.Change;
import dev.s3dock.git.Commit;
import dev.s3dock.git.CommittedFiles;
import dev.s3dock.git.CommittedFiles.Hidden;
import dev.s3dock.git.GitRepository;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.image.Printable;
import dev.s3dock.transfer.CountedStep;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Builds an image of exactly what a commit holds, and names it after that commit. */
public final class Builder {
  /** A label: what was sent beside the files of the commit, one pattern a line. */
  public static final String INCLUDED = "dev.s3dock.build.include";

  private static final int SHOWN_CHANGES = 20;

  /** A clone of a folder: its path would say something of this machine, and nothing to others. */
  private static final Pattern LOCAL_URL = Pattern.compile("[/.]|file:");

  private final Engine engine;
  private final TransferProgress progress;
  private final Consumer<String> warnings;

  /**
   * Builds with an engine.
   *
   * @param progress is shown how much of the context was sent
   * @param warnings is told of what was asked for in vain
   */
  public Builder(Engine engine, TransferProgress progress, Consumer<String> warnings) {
    this.engine = engine;
    this.progress = progress;
    this.warnings = warnings;
  }

  /**
   * What to build.
   *
   * @param context folder inside a git repository
   * @param dockerfile the file; it may lie outside the context
   * @param include patterns of files that are sent though the commit does not hold them
   * @param worktree true to send all that the work tree has, as docker would
   * @param configuration s3dock's own file, which is never sent beside the commit; empty if none
   */
  public record Order(
      AppName app,
      Path context,
      Path dockerfile,
      Optional<Platform> platform,
      Map<String, String> buildArgs,
      Optional<String> target,
      boolean noCache,
      List<String> include,
      boolean worktree,
      Optional<Path> configuration) {}

  /**
   * The app of a repository, where nobody has named one: the last part of where {@code origin}
   * lies, or else the name of the top folder, in small letters and with dashes for what an app's
   * name cannot have.
   *
   * @param folder in the work tree
   * @throws TransferException {@link TransferException.Kind#REFUSED} if that is no name
   */
  public static AppName nameOfRepository(Path folder) {
    String given = GitRepository.discover(folder).name();
    String name =
        given
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9._-]+", "-")
            .replaceAll("^[._-]+|[._-]+$", "");
    if (!AppName.isValid(name)) {
      throw new TransferException(
          TransferException.Kind.REFUSED,
          "the repository's name '%s' cannot be the name of an app: name one, as in `s3dock build myapp`"
              .formatted(Printable.of(given)));
    }
    return new AppName(name);
  }

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
    CommittedFiles committed = repository.committed(order.context());
    ContextSelection selection = selection(repository, order, committed);
    ImageReference reference = new ImageReference(order.app(), head.stamp(), head.shortHash());
    BuildRequest request =
        new BuildRequest(
            order.context(),
            order.dockerfile(),
            reference.toString(),
            order.platform(),
            order.buildArgs(),
            order.target(),
            order.noCache(),
            labels(repository, head, reference, order),
            selection,
            new SourceDates(
                head.committedAt().toInstant(), repository.lastChanges(order.context())));
    try (CountedStep sent = new CountedStep(progress, "context", 0)) {
      engine.build(request, output, sent);
    } catch (EngineException e) {
      throw explained(e, order, committed);
    } finally {
      warnOfUseless(selection, order.app());
    }
    return reference;
  }

  private void warnOfUseless(ContextSelection selection, AppName app) {
    for (String pattern : selection.unmatched()) {
      warnings.accept(
          "nothing was included by '%s': no file of the build context matches it that .dockerignore lets through; check --include and build.%s.include"
              .formatted(Printable.of(pattern), app));
    }
  }

  /** A build may have failed for want of a file that git ignores. */
  private static EngineException explained(
      EngineException failure, Order order, CommittedFiles committed) {
    if (failure.kind() != EngineException.Kind.BUILD_FAILED || order.worktree()) {
      return failure;
    }
    ContextSelection files = ContextSelection.of(Map.of(), order.include());
    return CopiedPaths.missing(order.dockerfile(), order.context(), committed.files().keySet())
        .stream()
        .filter(path -> !files.includes(path))
        .findFirst()
        .map(
            path ->
                new EngineException(
                    EngineException.Kind.BUILD_FAILED,
                    "%s\nthe Dockerfile copies %s, which is here but not in the commit, so it was not sent: name it with --include %s, or in build.%s.include of the configuration"
                        .formatted(failure.getMessage(), path, path, order.app()),
                    failure))
        .orElse(failure);
  }

  /** Which files make the image, once it is certain that the commit describes them. */
  private static ContextSelection selection(
      GitRepository repository, Order order, CommittedFiles committed) {
    DockerIgnore ignore = DockerIgnore.load(order.context(), order.dockerfile());
    ContextSelection files = ContextSelection.of(committed.files(), order.include());
    requireClean(repository, order, ignore, files);
    requireAsCommitted(committed, ignore);
    DockerfileCheck.require(repository, order, committed);
    ContextSelection selection = order.worktree() ? ContextSelection.WORK_TREE : files;
    return order
        .configuration()
        .flatMap(file -> DockerIgnore.inside(order.context(), file))
        .map(selection::without)
        .orElse(selection);
  }

  private static void requireAsCommitted(CommittedFiles committed, DockerIgnore ignore) {
    List<Hidden> hidden =
        committed.hidden().stream().filter(it -> !ignore.excludes(it.path())).toList();
    if (!hidden.isEmpty()) {
      throw new TransferException(
          TransferException.Kind.REFUSED,
          "the work tree is not what its commit says, though git status shows nothing:\n%s"
              .formatted(
                  listed(
                      hidden.stream()
                          .map(
                              it ->
                                  "  %s %s: %s"
                                      .formatted(
                                          Printable.of(it.path()), it.problem(), it.remedy()))
                          .toList())));
    }
  }

  private static String listed(List<String> lines) {
    int more = lines.size() - SHOWN_CHANGES;
    return lines.stream().limit(SHOWN_CHANGES).collect(Collectors.joining("\n"))
        + (more > 0 ? "\n  … and " + more + " more" : "");
  }

  private static void requireClean(
      GitRepository repository, Order order, DockerIgnore ignore, ContextSelection files) {
    List<Change> changes =
        repository.changes().stream()
            .filter(change -> !isExcused(change, repository.root(), order.context(), ignore, files))
            .toList();
    if (changes.isEmpty()) {
      return;
    }
    throw new TransferException(
        TransferException.Kind.REFUSED,
        "the repository has uncommitted changes, so no commit would describe the image:\n%s\n%s"
            .formatted(
                listed(
                    changes.stream()
                        .map(
                            c ->
                                "  %-10s %s"
                                    .formatted(c.kind().name().toLowerCase(Locale.ROOT), c.path()))
                        .toList()),
                remedy(changes.stream().map(Change::kind).collect(Collectors.toSet()))));
  }

  /** A stash takes neither what is in conflict nor submodules, and untracked files only if told. */
  private static String remedy(Set<Change.Kind> kinds) {
    if (kinds.contains(Change.Kind.CONFLICTED)) {
      return "resolve the conflicts and commit, or git merge --abort";
    }
    if (kinds.contains(Change.Kind.SUBMODULE)) {
      return "commit them; of a submodule that should be as committed: git submodule update --init"
          + " --recursive";
    }
    return kinds.contains(Change.Kind.UNTRACKED)
        ? "commit them, put them aside with git stash -u, or list what the image does not need in"
            + " .dockerignore"
        : "commit them, or put them aside with git stash";
  }

  /**
   * An untracked file that the build context leaves out cannot get into the image; one that was
   * asked for is told by a label.
   */
  private static boolean isExcused(
      Change change, Path root, Path context, DockerIgnore ignore, ContextSelection files) {
    if (change.kind() != Change.Kind.UNTRACKED) {
      return false;
    }
    Path file = root.resolve(change.path());
    Path folder = context.toAbsolutePath().normalize();
    if (!file.startsWith(folder)) {
      return false;
    }
    String path = folder.relativize(file).toString();
    return ignore.excludes(path) || files.includes(path);
  }

  private static Map<String, String> labels(
      GitRepository repository, Commit head, ImageReference reference, Order order) {
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
    if (!order.include().isEmpty()) {
      labels.put(INCLUDED, String.join("\n", order.include()));
    }
    if (order.worktree()) {
      labels.put(INCLUDED, "**");
    }
    return labels;
  }
}
