package dev.s3dock.transfer.build;

import dev.s3dock.engine.DockerIgnore;
import dev.s3dock.git.CommittedFiles;
import dev.s3dock.git.CommittedFiles.Hidden;
import dev.s3dock.git.GitRepository;
import dev.s3dock.image.Printable;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.build.Builder.Order;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Makes sure that the commit has the Dockerfile and the ignore files as they are: one that git
 * ignores, or that lies elsewhere, could say anything.
 */
final class DockerfileCheck {
  private final GitRepository repository;
  private final Order order;
  private final CommittedFiles committed;

  private DockerfileCheck(GitRepository repository, Order order, CommittedFiles committed) {
    this.repository = repository;
    this.order = order;
    this.committed = committed;
  }

  /**
   * Checks them.
   *
   * @throws TransferException {@link TransferException.Kind#REFUSED} if one is not as the commit
   *     has it
   */
  static void require(GitRepository repository, Order order, CommittedFiles committed) {
    DockerfileCheck check = new DockerfileCheck(repository, order, committed);
    Path beside = DockerIgnore.besides(order.dockerfile());
    for (Path file :
        List.of(order.dockerfile(), beside, order.context().resolve(".dockerignore"))) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        check.require(file);
      }
    }
  }

  private void require(Path file) {
    Optional<String> inside = DockerIgnore.inside(order.context(), file);
    if (inside.isEmpty()) {
      requireOutside(file);
    } else if (!committed.files().containsKey(inside.get())) {
      throw ignored(inside.get());
    }
  }

  /** Those inside of the context have been compared with all the rest of it. */
  private void requireOutside(Path file) {
    Path name = file.getFileName();
    CommittedFiles there = committed(file);
    for (Hidden it : there.hidden()) {
      throw refused(
          "%s %s, though git status shows nothing: %s"
              .formatted(Printable.of(file.toString()), it.problem(), it.remedy()));
    }
    if (name == null || !there.files().containsKey(name.toString())) {
      throw ignored(file.toString());
    }
  }

  private CommittedFiles committed(Path file) {
    try {
      return repository
          .committedFile(file)
          .orElseThrow(
              () ->
                  refused(
                      "%s lies outside of the repository %s, so no commit would describe the image: move it into the repository, and commit it"
                          .formatted(
                              Printable.of(file.toString()),
                              Printable.of(repository.root().toString()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TransferException ignored(String path) {
    String name = Printable.of(path);
    return refused(
        "%s is not in the commit, because git ignores it: run `git add --force %s` and commit"
            .formatted(name, name));
  }

  private static TransferException refused(String message) {
    return new TransferException(TransferException.Kind.REFUSED, message);
  }
}
