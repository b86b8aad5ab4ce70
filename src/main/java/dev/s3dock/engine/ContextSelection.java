package dev.s3dock.engine;

import com.google.re2j.PatternSyntaxException;
import dev.s3dock.image.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Which files of a build's context may be sent; what {@code .dockerignore} leaves out is left out
 * besides.
 */
public final class ContextSelection {
  /** Everything but git's own files and s3dock's configuration, which may hold secrets. */
  public static final ContextSelection WORK_TREE =
      new ContextSelection(Optional.empty(), List.of(), Optional.empty());

  private static final String CONFIGURATION = "s3dock.json5";

  private final Optional<Map<String, Boolean>> committed;
  private final List<Included> included;
  private final Optional<String> configuration;
  private final AtomicBoolean asked = new AtomicBoolean();

  /** A pattern, as it was given, and whether something that is sent has matched it. */
  private record Included(String text, IgnorePattern pattern, AtomicBoolean matched) {
    boolean matches(String path) {
      return pattern.matchesItOrAFolderAbove(path);
    }
  }

  private ContextSelection(
      Optional<Map<String, Boolean>> committed,
      List<Included> included,
      Optional<String> configuration) {
    this.committed = committed.map(Map::copyOf);
    this.included = List.copyOf(included);
    this.configuration = configuration;
  }

  /**
   * What a commit holds, and what else was named.
   *
   * @param committed by path relative to the context; true for a file that may be executed
   * @param include patterns as in {@code .dockerignore}, of files and folders
   * @throws EngineException {@code BUILD_FAILED} for a malformed pattern
   */
  public static ContextSelection of(Map<String, Boolean> committed, List<String> include) {
    List<Included> patterns = new ArrayList<>();
    for (String text : include) {
      try {
        IgnorePattern pattern = IgnorePattern.parse(text).orElseThrow(() -> useless(text));
        if (pattern.takesIn()) {
          throw useless(text);
        }
        patterns.add(new Included(text, pattern, new AtomicBoolean()));
      } catch (PatternSyntaxException e) {
        throw useless(text);
      }
    }
    return new ContextSelection(Optional.of(committed), patterns, Optional.empty());
  }

  private static EngineException useless(String pattern) {
    return new EngineException(
        EngineException.Kind.BUILD_FAILED,
        "cannot include '%s': name a file, a folder or a pattern, such as target/*.jar"
            .formatted(Printable.of(pattern)));
  }

  /**
   * The same without a configuration of another name, unless the commit holds it.
   *
   * @param path relative to the context
   */
  public ContextSelection without(String path) {
    return new ContextSelection(committed, included, Optional.of(path));
  }

  /** True if a file may be sent. */
  public boolean sends(String path) {
    boolean sent =
        committed.map(files -> files.containsKey(path)).orElse(false)
            || (includes(path) && !isPrivate(path) && !configuration.equals(Optional.of(path)));
    asked.set(true);
    if (sent) {
      included.stream().filter(it -> it.matches(path)).forEach(it -> it.matched().set(true));
    }
    return sent;
  }

  /** The patterns that have matched nothing that is sent; none before a build has asked for it. */
  public List<String> unmatched() {
    return included.stream()
        .filter(it -> asked.get() && !it.matched().get())
        .map(Included::text)
        .toList();
  }

  /** True if a file is sent though the commit does not hold it. */
  public boolean includes(String path) {
    return committed.isEmpty() || included.stream().anyMatch(it -> it.matches(path));
  }

  /** True if folders are sent for their own sake: a commit holds none that are empty. */
  public boolean sendsFolders() {
    return committed.isEmpty();
  }

  /** Whether a file may be executed, where that does not follow from the disk. */
  public Optional<Boolean> mayBeExecuted(String path) {
    return committed.map(files -> files.get(path));
  }

  /** True for git's own files and for s3dock's configuration. */
  public static boolean isPrivate(String path) {
    return ("/" + path + "/").contains("/.git/")
        || path.equals(CONFIGURATION)
        || path.endsWith("/" + CONFIGURATION);
  }
}
