package dev.s3dock.deploy.target;

import dev.s3dock.image.Printable;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the program says that a target runs: the answer to {@code status}.
 *
 * @param name of the image, as the target has it
 * @param image the same, if s3dock has told it so
 * @param mark of the deployment that brought it; empty if the target has none
 * @param words what else the program says; may be empty
 */
record TargetState(
    Condition condition,
    String name,
    Optional<TargetImage> image,
    Optional<DeploymentMark> mark,
    String words) {
  private static final Pattern ANSWER =
      Pattern.compile("(live|busy|unhealthy) (\\S{1,500}) (\\S{1,200})(?: +(.{0,1000}))?");

  /** In one word. */
  enum Condition {
    /** The target does not run it. */
    NONE,
    /** It runs, whole and healthy. */
    LIVE,
    /** The target is about to bring it live. */
    BUSY,
    /** It is not as it should be, and the target does nothing about it that would end. */
    UNHEALTHY
  }

  /** Reads the answer, one line; empty if it is malformed. */
  static Optional<TargetState> parse(String answer) {
    if (answer.equals("none")) {
      return Optional.of(
          new TargetState(Condition.NONE, "", Optional.empty(), Optional.empty(), ""));
    }
    Matcher line = ANSWER.matcher(answer);
    if (!line.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new TargetState(
            switch (line.group(1)) {
              case "live" -> Condition.LIVE;
              case "busy" -> Condition.BUSY;
              default -> Condition.UNHEALTHY;
            },
            Printable.of(line.group(2)),
            TargetImage.parse(line.group(2)),
            DeploymentMark.parse(line.group(3)),
            line.group(4) == null ? "" : Printable.of(line.group(4).strip())));
  }

  boolean isLive(TargetImage wanted, String settings) {
    return condition == Condition.LIVE && isOf(wanted, settings);
  }

  /** True if the target was told this image, with these settings. */
  boolean isOf(TargetImage wanted, String settings) {
    return image.equals(Optional.of(wanted))
        && mark.filter(it -> it.settings().equals(settings)).isPresent();
  }

  /** For a message. */
  @Override
  public String toString() {
    String what =
        switch (condition) {
          case NONE -> "nothing of it is there";
          case LIVE -> name + " is live";
          case BUSY -> name + " is being brought live";
          case UNHEALTHY -> name + " is not healthy";
        };
    return words.isEmpty() ? what : what + " (" + words + ")";
  }
}
