package dev.s3dock.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When an engine starts a container again by itself.
 *
 * @param name {@code no}, {@code always}, {@code unless-stopped} or {@code on-failure}
 * @param most starts of {@code on-failure}; 0 for no bound
 */
record RestartPolicy(String name, int most) {
  static final RestartPolicy NO = new RestartPolicy("no", 0);

  /**
   * Keeps the policy that a container was created with. An engine that starts again also starts
   * what has been stopped under {@code always}, and under {@code on-failure} what has ended by a
   * signal. So a stop takes the policy away, and a start gives it back.
   */
  static final String LABEL = "dev.s3dock.restart";

  private static final Pattern TEXT =
      Pattern.compile("(no|always|unless-stopped|on-failure)|on-failure:(\\d{1,6})");

  /**
   * Reads it as {@code docker run} does.
   *
   * @throws EngineException {@code FAILED} for anything else
   */
  static RestartPolicy parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new EngineException(
          Kind.FAILED,
          "there is no restart policy '%s': use no, always, unless-stopped, on-failure or on-failure:N"
              .formatted(text));
    }
    return matcher.group(2) == null
        ? new RestartPolicy(text, 0)
        : new RestartPolicy("on-failure", Integer.parseInt(matcher.group(2)));
  }

  static RestartPolicy of(JsonNode hostConfig) {
    JsonNode policy = hostConfig.path("RestartPolicy");
    String name = policy.path("Name").asText();
    return new RestartPolicy(
        name.isEmpty() ? NO.name() : name, policy.path("MaximumRetryCount").asInt());
  }

  ObjectNode json() {
    return JsonNodeFactory.instance.objectNode().put("Name", name).put("MaximumRetryCount", most);
  }

  @Override
  public String toString() {
    return most == 0 ? name : name + ":" + most;
  }
}
