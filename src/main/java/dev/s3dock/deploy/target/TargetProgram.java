package dev.s3dock.deploy.target;

import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployException.Kind;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.Printable;
import dev.s3dock.process.Program;
import dev.s3dock.process.Program.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the program of a target: the step is its last argument, facts are in variables, and it
 * answers by its exit status and a line.
 */
final class TargetProgram {
  /** What the names of variables with facts start with. */
  static final String FACTS = "S3DOCK_";

  /** After sysexits.h: the target does not answer. */
  private static final int UNAVAILABLE = 69;

  /** From here on a signal has ended it, as shells tell it. */
  private static final int SIGNALLED = 129;

  private static final Duration STATUS = Duration.ofSeconds(60);
  private static final int LINES = 10;

  private final Service service;
  private final TargetSettings settings;
  private final Path folder;

  /** The program runs in the folder. */
  TargetProgram(Service service, TargetSettings settings, Path folder) {
    this.service = service;
    this.settings = settings;
    this.folder = folder;
  }

  /**
   * What the target runs.
   *
   * @throws DeployException if it cannot be asked
   */
  TargetState status() throws InterruptedException {
    String answer = run("status", Map.of(), STATUS);
    return TargetState.parse(answer)
        .orElseThrow(
            () ->
                new DeployException(
                    Kind.FAILED,
                    "%s printed '%s', but must print `none`, or `live`, `busy` or `unhealthy` with the image and the deployment (see docs/targets.md)"
                        .formatted(command("status"), Printable.of(answer))));
  }

  /**
   * Lets the target run the image, and returns when the program says that it is live.
   *
   * @throws DeployException {@code UNFIT} if the program says that it does not come live; {@code
   *     FAILED} if the target did not answer, or the program did not end in time
   */
  void deploy(TargetImage image, DeploymentMark mark, String previous, Deadline deadline)
      throws InterruptedException {
    Duration limit = deadline.left();
    if (!limit.isPositive()) {
      throw new DeployException(Kind.FAILED, "no time was left of the --timeout");
    }
    run(
        "deploy",
        Map.of(
            FACTS + "IMAGE", image.toString(),
            FACTS + "IMAGE_REFERENCE", image.image().toString(),
            FACTS + "DIGEST", image.digest().toString(),
            FACTS + "DEPLOYMENT", mark.toString(),
            FACTS + "PREVIOUS_IMAGE", previous,
            FACTS + "TIMEOUT", String.valueOf(Math.max(1, limit.toSeconds()))),
        limit);
  }

  /** What it printed, without blanks around. */
  private String run(String step, Map<String, String> facts, Duration limit)
      throws InterruptedException {
    Map<String, String> variables = new HashMap<>(settings.environment());
    variables.putAll(facts);
    variables.put(FACTS + "STEP", step);
    variables.put(FACTS + "APP", service.app().value());
    variables.put(FACTS + "ENVIRONMENT", service.environment().value());
    List<String> command = new ArrayList<>(settings.command());
    command.add(step);
    Outcome outcome =
        new Program(command, Program.Environment.with(variables), Optional.of(folder), limit).run();
    if (outcome instanceof Outcome.Ended ended && ended.succeeded()) {
      return ended.output().strip();
    }
    String words =
        String.join("; ", outcome.describe().lines().map(Printable::of).limit(LINES).toList());
    throw new DeployException(
        mayPass(outcome) ? Kind.FAILED : Kind.UNFIT,
        "%s failed: %s".formatted(command(step), words));
  }

  private static boolean mayPass(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Ended ended -> ended.status() == UNAVAILABLE || ended.status() >= SIGNALLED;
      case Outcome.TimedOut _, Outcome.NotStarted _ -> true;
    };
  }

  /** Its name, for a message: the reasons of failures are reported, and read in narrow columns. */
  @Override
  public String toString() {
    return "`%s`".formatted(Path.of(settings.command().getFirst()).getFileName());
  }

  private String command(String step) {
    return "the target's program %s (step %s)".formatted(this, step);
  }
}
