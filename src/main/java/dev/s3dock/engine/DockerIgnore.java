package dev.s3dock.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.PatternSyntaxException;
import dev.s3dock.image.Printable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a {@code .dockerignore} keeps out of a build, by the rules of moby's {@code patternmatcher}
 * and {@code ignorefile} packages (github.com/moby/patternmatcher): the last pattern that matches a
 * path or a folder above it decides, {@code !} takes a path in again, {@code **} spans folders.
 *
 * <p>As in BuildKit, a file beside the Dockerfile that is called {@code <Dockerfile>.dockerignore}
 * is used in place of the context's own.
 */
public final class DockerIgnore {
  private static final String NAME = ".dockerignore";

  private final List<IgnorePattern> patterns;
  private final Set<String> alwaysSent;

  private DockerIgnore(List<IgnorePattern> patterns, Set<String> alwaysSent) {
    this.patterns = List.copyOf(patterns);
    this.alwaysSent = alwaysSent;
  }

  /**
   * The rules for a build of this context with this Dockerfile; they exclude nothing if there is no
   * ignore file.
   *
   * @throws EngineException {@code BUILD_FAILED} if a pattern is malformed, with file and line
   * @throws UncheckedIOException if the ignore file cannot be read
   */
  public static DockerIgnore load(Path context, Path dockerfile) {
    Path own = besides(dockerfile);
    Path shared = context.resolve(NAME);
    Optional<Path> file =
        Files.isRegularFile(own)
            ? Optional.of(own)
            : Optional.of(shared).filter(Files::isRegularFile);
    Set<String> sent = new HashSet<>(Set.of(NAME));
    inside(context, dockerfile).ifPresent(sent::add);
    return new DockerIgnore(file.map(DockerIgnore::read).orElse(List.of()), Set.copyOf(sent));
  }

  /** Where the ignore file of a Dockerfile would be. */
  public static Path besides(Path dockerfile) {
    return dockerfile.resolveSibling(dockerfile.getFileName() + NAME);
  }

  /**
   * True if the path is kept out of the build. The Dockerfile and {@code .dockerignore} never are:
   * the engine needs them, and what they say decides what is built.
   *
   * @param contextRelativePath relative to the context, with {@code /}
   */
  public boolean excludes(String contextRelativePath) {
    return !alwaysSent.contains(contextRelativePath) && matches(contextRelativePath);
  }

  /** True for what the engine needs to build at all, whatever else is sent. */
  public boolean alwaysSends(String contextRelativePath) {
    return alwaysSent.contains(contextRelativePath);
  }

  /** True if nothing below this folder can be taken in, so that it need not be looked at. */
  public boolean excludesAllBelow(String folder) {
    return matches(folder)
        && patterns.stream().noneMatch(IgnorePattern::takesIn)
        && alwaysSent.stream().noneMatch(path -> path.startsWith(folder + "/"));
  }

  /** Where the Dockerfile is inside of the context, with {@code /}; empty if it is outside. */
  public static Optional<String> inside(Path context, Path dockerfile) {
    try {
      Path top = context.toRealPath();
      Path folder = dockerfile.toAbsolutePath().normalize().getParent();
      Path file = folder == null ? dockerfile : folder.toRealPath().resolve(name(dockerfile));
      return file.startsWith(top)
          ? Optional.of(top.relativize(file).toString().replace(File.separatorChar, '/'))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // one of the two does not exist: whoever opens it says so
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private boolean matches(String path) {
    boolean excluded = false;
    for (IgnorePattern pattern : patterns) {
      if (pattern.takesIn() == excluded && pattern.matchesItOrAFolderAbove(path)) {
        excluded = !pattern.takesIn();
      }
    }
    return excluded;
  }

  private static List<IgnorePattern> read(Path file) {
    List<IgnorePattern> patterns = new ArrayList<>();
    List<String> lines;
    try {
      lines = new String(Files.readAllBytes(file), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line =
          i == 0 && lines.get(0).startsWith("\uFEFF") ? lines.get(0).substring(1) : lines.get(i);
      try {
        IgnorePattern.parse(line).ifPresent(patterns::add);
      } catch (PatternSyntaxException e) {
        throw new EngineException(
            EngineException.Kind.BUILD_FAILED,
            "malformed pattern '%s' in %s, line %d: %s"
                .formatted(Printable.of(line), file, i + 1, Printable.of(e.getDescription())),
            e);
      }
    }
    return patterns;
  }
}
