package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.image.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks for programs that the configuration names, before any of them is needed. */
final class HostPrograms {
  private final ProcessContext process;

  HostPrograms(ProcessContext process) {
    this.process = process;
  }

  /**
   * Why a command cannot be started.
   *
   * @param command program and arguments; none is no problem
   * @return empty if its program is there
   */
  Optional<String> problem(List<String> command) {
    if (command.isEmpty()) {
      return Optional.empty();
    }
    String program = command.getFirst();
    return program.contains("/")
        ? problem(process.workingDirectory().resolve(program))
        : places(program).noneMatch(HostPrograms::isProgram)
            ? Optional.of("there is no program %s in PATH".formatted(Printable.of(program)))
            : Optional.empty();
  }

  private Stream<Path> places(String program) {
    return Stream.of(process.environment().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1))
        .map(folder -> process.workingDirectory().resolve(folder).resolve(program));
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }

  private static Optional<String> problem(Path file) {
    String name = Printable.of(file.toString());
    if (!Files.exists(file)) {
      return Optional.of("there is no program " + name);
    }
    return isProgram(file)
        ? Optional.empty()
        : Optional.of("%1$s is no program: let it be a file with `chmod +x %1$s`".formatted(name));
  }
}
