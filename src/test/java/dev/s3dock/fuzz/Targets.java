package dev.s3dock.fuzz;

import dev.s3dock.archive.ArchiveFuzz;
import dev.s3dock.archive.read.ReaderFuzz;
import dev.s3dock.archive.source.SourceFuzz;
import dev.s3dock.cli.OptionFuzz;
import dev.s3dock.config.ConfigFuzz;
import dev.s3dock.distribution.ProtocolFuzz;
import dev.s3dock.distribution.client.RegistryFuzz;
import dev.s3dock.engine.IgnoreFuzz;
import dev.s3dock.git.GitFuzz;
import dev.s3dock.image.NameFuzz;
import dev.s3dock.registry.BucketFuzz;
import dev.s3dock.store.file.FolderFuzz;
import dev.s3dock.testing.FuzzTarget;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/** All targets there are. */
final class Targets {
  /** The corpus: small seeds, and every input that ever failed. */
  static final Path CORPUS = Path.of("src/test/resources/fuzz");

  private Targets() {}

  static List<FuzzTarget> all() {
    return Stream.of(
            NameFuzz.targets(),
            OptionFuzz.targets(),
            ConfigFuzz.targets(),
            BucketFuzz.targets(),
            ArchiveFuzz.targets(),
            SourceFuzz.targets(),
            ReaderFuzz.targets(),
            FolderFuzz.targets(),
            GitFuzz.targets(),
            IgnoreFuzz.targets(),
            ProtocolFuzz.targets(),
            RegistryFuzz.targets())
        .flatMap(List::stream)
        .toList();
  }

  static FuzzTarget named(String name) {
    return all().stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException("no fuzz target " + name));
  }

  /** Prints the names, one a line. */
  public static void main(String[] args) {
    all().forEach(target -> System.out.println(target.name()));
  }
}
