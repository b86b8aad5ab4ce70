package dev.s3dock.deploy.host;

import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Secrets;
import dev.s3dock.process.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Hooks that are programs of this host. */
public final class ProgramHooks implements Hooks {
  private final Map<Point, List<String>> commands;
  private final Path folder;
  private final Duration timeout;
  private final Secrets secrets;

  /**
   * Runs these programs at their points; a point without a program does nothing.
   *
   * @param commands program and arguments of each point that has one; no shell is between
   * @param folder where they run
   * @param timeout of each
   * @param secrets that are masked in what a program says
   */
  public ProgramHooks(
      Map<Point, List<String>> commands, Path folder, Duration timeout, Secrets secrets) {
    this.commands = Map.copyOf(commands);
    this.folder = folder;
    this.timeout = timeout;
    this.secrets = secrets;
  }

  @Override
  public void run(Point point, Map<String, String> facts) throws InterruptedException {
    List<String> command = commands.get(point);
    if (command == null) {
      return;
    }
    Program.Outcome outcome =
        new Program(command, Program.Environment.with(facts), Optional.of(folder), timeout).run();
    if (outcome instanceof Program.Outcome.Ended ended && ended.succeeded()) {
      return;
    }
    throw new DeployException(
        DeployException.Kind.FAILED,
        "the hook %s (%s) failed: %s"
            .formatted(point, command.getFirst(), secrets.mask(outcome.describe())));
  }
}
