package dev.s3dock.deploy.target;

import dev.s3dock.image.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A program that keeps a service at a target. See {@code docs/targets.md}.
 *
 * @param command program and arguments; the step comes after them
 * @param environment variables for it, besides those of s3dock and the facts
 * @param endpoint where engines of the target find {@code s3dock serve}, such as {@code
 *     127.0.0.1:5000}
 */
public record TargetSettings(
    List<String> command, Map<String, String> environment, String endpoint) {
  private static final Pattern ENDPOINT =
      Pattern.compile(
          "(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9][A-Za-z0-9.-]*)(:\\d{1,5})?(/[a-z0-9][a-z0-9._/-]*)?");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final int FINGERPRINT = 16;

  public TargetSettings {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (command.isEmpty() || command.getFirst().isBlank()) {
      throw new IllegalArgumentException("target.command is empty");
    }
    if (!ENDPOINT.matcher(endpoint).matches()) {
      throw new IllegalArgumentException(
          "target.endpoint must be where s3dock serve answers the target's engines, such as 127.0.0.1:5000, without http://");
    }
    for (String name : environment.keySet()) {
      if (!VARIABLE.matcher(name).matches() || name.startsWith(TargetProgram.FACTS)) {
        throw new IllegalArgumentException(
            "'%s' cannot be a variable of target.env: use only letters, digits and _, and no name that begins with %s"
                .formatted(name, TargetProgram.FACTS));
      }
    }
  }

  /** Tells settings apart; values of variables are in it, but cannot be read from it. */
  public String fingerprint() {
    String all = command + "\n" + new TreeMap<>(environment) + "\n" + endpoint;
    return Digest.of(all.getBytes(StandardCharsets.UTF_8)).hex().substring(0, FINGERPRINT);
  }
}
