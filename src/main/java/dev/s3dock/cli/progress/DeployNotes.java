package dev.s3dock.cli.progress;

import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.StatusLine;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.image.Printable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Tells on stderr how a deployment goes on: notes, what it waits for, and with level 3 each step
 * and its time. On a terminal the wait is on the last line; elsewhere it is a line every few
 * seconds, and one at once for each new problem.
 */
public final class DeployNotes implements DeployProgress {
  private static final long BETWEEN_LINES = Duration.ofSeconds(5).toNanos();

  private final GlobalOptions options;
  private final ProcessContext process;
  private final Optional<StatusLine> line;
  private final StatusLine.Part part = this::forms;
  private volatile Doing doing = new Doing("", System.nanoTime(), Optional.empty());
  private volatile String problem = "";
  private long next;

  /**
   * What goes on.
   *
   * @param since when it began, in nanoseconds
   * @param limit when it ends at the latest
   */
  private record Doing(String what, long since, Optional<Duration> limit) {
    String time() {
      long seconds = Duration.ofNanos(System.nanoTime() - since).toSeconds();
      return limit
          .map(most -> "%d of %d s".formatted(Math.min(seconds, seconds(most)), seconds(most)))
          .orElseGet(() -> seconds + " s");
    }

    private static long seconds(Duration time) {
      return time.plusMillis(999).toSeconds();
    }
  }

  public DeployNotes(GlobalOptions options, ProcessContext process) {
    this.options = options;
    this.process = process;
    this.line = options.showsProgress() ? process.display().statusLine() : Optional.empty();
  }

  @Override
  public void begins(Step step) {
    Optional<String> words = words(step);
    line.ifPresent(at -> at.remove(part));
    doing = new Doing(words.orElse(""), System.nanoTime(), Optional.empty());
    problem = "";
    next = doing.since + BETWEEN_LINES;
    if (words.isPresent()) {
      line.ifPresent(at -> at.add(part));
    }
  }

  /** What a person sees of a step that may take a while; its waits say it better. */
  private static Optional<String> words(Step step) {
    return switch (step) {
      case START -> Optional.of("starting the new container");
      case PRE_DEPLOY, POST_SWITCH, POST_DEPLOY -> Optional.of("running the hook " + step);
      case MAKE_ROOM -> Optional.of("waiting for the old container to end its work");
      case SWITCH -> Optional.of("moving the traffic");
      case RETIRE -> Optional.of("stopping the container that served before");
      case GO_BACK -> Optional.of("moving the traffic back");
      case DISCARD -> Optional.of("removing the new container");
      case LOCK -> Optional.of("waiting for another deployment");
      case SETTLE -> Optional.of("looking at what runs here");
      case HEALTH -> Optional.of("waiting for the new container");
      case PROVE -> Optional.of("waiting for the traffic to arrive");
      case DRAIN -> Optional.of("waiting for the last requests");
      case BAKE -> Optional.of("watching the new container");
      case CHECK, PULL, PROMOTE, CONFIRM, RECORD -> Optional.empty();
    };
  }

  @Override
  public void ended(Step step, Duration took) {
    line.ifPresent(at -> at.remove(part));
    if (options.showsEverything()) {
      process.err().println("%s: %d ms".formatted(step, took.toMillis()));
    }
  }

  @Override
  public void waits(String what, Duration passed, Duration limit, Optional<String> failed) {
    long now = System.nanoTime();
    String before = problem;
    problem = failed.map(Printable::of).orElse("");
    doing = new Doing(what, now - passed.toNanos(), Optional.of(limit));
    if (line.isPresent() || !options.showsProgress()) {
      return;
    }
    boolean isNew = !problem.isEmpty() && !problem.equals(before);
    if (isNew || now - next >= 0) {
      next = now + BETWEEN_LINES;
      process.err().println(forms().getFirst());
    }
  }

  private List<String> forms() {
    String words = "%s: %s".formatted(doing.what, doing.time());
    String last = problem;
    return last.isEmpty() ? List.of(words) : List.of("%s (%s)".formatted(words, last), words);
  }

  @Override
  public void note(String text) {
    if (options.showsProgress()) {
      process.err().println(Printable.of(text));
    }
  }

  @Override
  public void detail(String text) {
    if (options.showsEverything()) {
      process.err().println(Printable.of(text));
    }
  }
}
