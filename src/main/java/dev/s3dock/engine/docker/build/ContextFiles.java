package dev.s3dock.engine.docker.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.DockerIgnore;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What of a build's context is sent to the classic builder, in which order, and how. */
final class ContextFiles {
  /**
   * Name under which a Dockerfile from elsewhere travels. It is added to the {@code .dockerignore}
   * that is sent, which makes the engine take both out again before it builds.
   */
  static final String FOREIGN_DOCKERFILE = ".s3dock.dockerfile";

  private static final String IGNORE_FILE = ".dockerignore";

  private ContextFiles() {}

  /**
   * @throws EngineException {@code BUILD_FAILED} if something in the context cannot be sent
   */
  static List<ContextItem> of(BuildRequest request) {
    List<ContextItem> items = new ArrayList<>(onDisk(request));
    if (DockerIgnore.inside(request.context(), request.dockerfile()).isEmpty()) {
      try {
        addForeignDockerfile(request, items);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return items;
  }

  /**
   * The files of the context, folders before what is in them.
   *
   * @throws EngineException {@code BUILD_FAILED} if something in the context cannot be sent
   */
  static List<ContextItem.OnDisk> onDisk(BuildRequest request) {
    SortedMap<String, Path> found = new TreeMap<>();
    try {
      Path top = request.context().toRealPath();
      Files.walkFileTree(top, new Collector(top, request, found));
      addFoldersOf(found, top);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return dated(found, request);
  }

  /**
   * An excluded folder of a file that is taken in is sent too: made on the way, it would have no
   * date.
   */
  private static void addFoldersOf(SortedMap<String, Path> found, Path top) {
    for (String name : List.copyOf(found.keySet())) {
      for (int end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
        String folder = name.substring(0, end);
        found.putIfAbsent(folder, top.resolve(folder));
      }
    }
  }

  private static List<ContextItem.OnDisk> dated(
      SortedMap<String, Path> found, BuildRequest request) {
    List<ContextItem.OnDisk> items = new ArrayList<>();
    found.forEach(
        (name, file) ->
            items.add(
                new ContextItem.OnDisk(
                    name,
                    file,
                    Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                        ? SourceDates.FOLDERS
                        : request.dates().of(name),
                    request.selection().mayBeExecuted(name))));
    return items;
  }

  /** The name by which the engine finds the Dockerfile in the tar. */
  static String dockerfileName(BuildRequest request) {
    return DockerIgnore.inside(request.context(), request.dockerfile()).orElse(FOREIGN_DOCKERFILE);
  }

  private static void addForeignDockerfile(BuildRequest request, List<ContextItem> items)
      throws IOException {
    Path ignoreFile = request.context().resolve(IGNORE_FILE);
    String ignored = Files.isRegularFile(ignoreFile) ? Files.readString(ignoreFile) : IGNORE_FILE;
    items.removeIf(item -> item.name().equals(IGNORE_FILE));
    items.add(
        new ContextItem.Given(
            IGNORE_FILE, (ignored + "\n" + FOREIGN_DOCKERFILE + "\n").getBytes(UTF_8)));
    items.add(new ContextItem.Given(FOREIGN_DOCKERFILE, Files.readAllBytes(request.dockerfile())));
  }

  /** Symbolic links are sent as such and never followed. */
  private static final class Collector extends SimpleFileVisitor<Path> {
    private final Path top;
    private final DockerIgnore ignore;
    private final ContextSelection selection;
    private final SortedMap<String, Path> found;

    Collector(Path top, BuildRequest request, SortedMap<String, Path> found) {
      this.top = top;
      this.ignore = DockerIgnore.load(request.context(), request.dockerfile());
      this.selection = request.selection();
      this.found = found;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes facts) {
      String name = name(folder);
      if (name.isEmpty()) {
        return FileVisitResult.CONTINUE;
      }
      if (ContextSelection.isPrivate(name) || ignore.excludesAllBelow(name)) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      if (selection.sendsFolders() && !ignore.excludes(name)) {
        found.put(utf8(name, folder), folder);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
      String name = name(file);
      if (isLeftOut(name)) {
        return FileVisitResult.CONTINUE;
      }
      if (facts.isOther()) {
        throw new EngineException(
            Kind.BUILD_FAILED,
            "%s is a device, a pipe or a socket and cannot be part of a build: remove it, or list it in .dockerignore"
                .formatted(file));
      }
      found.put(utf8(name, file), file);
      return FileVisitResult.CONTINUE;
    }

    /** The engine needs the Dockerfile and its ignore file, wherever they come from. */
    private boolean isLeftOut(String name) {
      return ignore.excludes(name) || !(selection.sends(name) || ignore.alwaysSends(name));
    }

    /** Two names that are no text would become one. */
    private static String utf8(String name, Path file) {
      if (name.indexOf('\uFFFD') >= 0) {
        throw new EngineException(
            Kind.BUILD_FAILED,
            "the name of %s is not UTF-8, and would not arrive as it is: rename it, or list it in .dockerignore"
                .formatted(Printable.of(file.toString())));
      }
      return name;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      if (isLeftOut(name(file))) {
        return FileVisitResult.CONTINUE;
      }
      throw new EngineException(
          Kind.BUILD_FAILED,
          "cannot read %s for the build (%s): make it readable, or list it in .dockerignore"
              .formatted(file, FailureWords.of(failure)),
          failure);
    }

    private String name(Path file) {
      return top.relativize(file).toString().replace(File.separatorChar, '/');
    }
  }
}
