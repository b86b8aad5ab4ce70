package dev.s3dock.deploy.target;

import dev.s3dock.deploy.DeployReporter.Live;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a target keeps beside the image: which deployment brought it, with which settings. One word
 * of at most 63 letters, digits and dashes, so that it can be a label everywhere.
 *
 * @param deployment such as {@code 20250802-073000-1a2b}, of UTC
 * @param settings fingerprint
 */
record DeploymentMark(String deployment, String settings) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final Pattern FORM = Pattern.compile("(\\d{8}-\\d{6}-[0-9a-f]{4})-([0-9a-f]{16})");
  private static final int STAMP_LENGTH = 15;

  static DeploymentMark at(Instant now, String settings) {
    int random = RandomGenerator.getDefault().nextInt(1 << 16);
    return new DeploymentMark("%s-%04x".formatted(STAMP.format(now), random), settings);
  }

  /** Empty for any other text. */
  static Optional<DeploymentMark> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new DeploymentMark(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** When the deployment began; the epoch if its name holds no such time. */
  Instant began() {
    try {
      return LocalDateTime.parse(deployment.substring(0, STAMP_LENGTH), STAMP)
          .toInstant(ZoneOffset.UTC);
    } catch (java.time.DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  /** For a record: the image that this deployment has brought live. */
  Live live(TargetImage image) {
    return new Live(image.image(), "", deployment, began());
  }

  @Override
  public String toString() {
    return deployment + "-" + settings;
  }
}
