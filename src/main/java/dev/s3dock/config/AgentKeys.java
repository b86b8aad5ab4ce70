package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/** The keys below {@code agent}, and below {@code agent.apps} the environments of each app. */
public final class AgentKeys {
  static final String SECTION = "agent";
  static final String APPS = "apps";
  static final String FORM = "agent.KEY, agent.apps.APP";
  static final Keys KEYS = new Keys("%s, as " + FORM);

  private static final Duration LEAST = Duration.ofMillis(100);

  public static final Key<Duration> INTERVAL =
      KEYS.one(
          "interval",
          new Parser<>(
              "a duration such as \"5s\" or \"1m\", of 100ms at least",
              text -> TimeSpan.limit(text).filter(time -> time.compareTo(LEAST) >= 0)),
          "15s",
          "between two looks at the bucket");
  public static final Key<Integer> PARALLEL =
      KEYS.one(
          "parallel",
          Parser.number(1, 99),
          "1",
          "how many deployments may run at the same time on this host");
  public static final Key<String> METRICS =
      KEYS.text("metrics", "address and port of /healthz and /metrics; without it there are none");
  public static final Key<String> HOST =
      KEYS.one(
          "host",
          Parser.matching("[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "the name of a host"),
          "under which this host reports; without it the machine's");

  /** Each of them is a {@link WeeklyWindow}. */
  public static final Key<String> WINDOWS =
      KEYS.list(
          "windows",
          "when what is live may be replaced, such as \"Mon-Fri 09:00-17:00\"; without it always");

  public static final Key<ZoneId> TIME_ZONE =
      KEYS.one(
          "time_zone",
          new Parser<>("a time zone such as \"Europe/Berlin\" or \"UTC\"", AgentKeys::zone),
          "of the windows; without it the machine's");

  /** Their names are single words: a rollout names one of them. */
  public static final Key<String> LABELS =
      KEYS.list("labels", "what else this host is called, so that a rollout can begin with it");

  static final String LABEL = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

  private AgentKeys() {}

  private static Optional<ZoneId> zone(String text) {
    try {
      return Optional.of(ZoneId.of(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Checks one value.
   *
   * @throws ConfigException that names the key and the line, if the key is unknown or the value
   *     cannot be honoured
   */
  static void check(Path file, Json5.Value value) {
    List<String> path = value.path();
    if (path.size() < 2 || !path.get(1).equals(APPS)) {
      KEYS.check(file, value, path.subList(1, path.size()));
      checkWindows(file, value);
      checkLabels(file, value);
      return;
    }
    if (path.size() == 2 && value.kind() == Json5.Kind.OBJECT) {
      return;
    }
    Optional<String> wrong =
        path.size() != 3 || value.kind() != Json5.Kind.LIST || value.items().isEmpty()
            ? Optional.of(value.key())
            : !AppName.isValid(path.get(2))
                ? Optional.of(path.get(2))
                : value.items().stream().filter(name -> !Environment.isValid(name)).findFirst();
    if (wrong.isPresent()) {
      throw Json5.at(
          file,
          value.line(),
          "'%s' is not right here: agent.apps is an object such as { myapp: [\"production\"] }, with the environments that this host runs of each app"
              .formatted(Printable.of(wrong.get())));
    }
  }

  private static void checkWindows(Path file, Json5.Value value) {
    if (!value.path().getLast().equals(WINDOWS.name())) {
      return;
    }
    for (String window : value.items()) {
      if (WeeklyWindow.parse(window).isEmpty()) {
        throw Json5.at(
            file,
            value.line(),
            "'%s' is no window: write days and times such as \"Mon-Fri 09:00-17:00\", \"Sat,Sun 22:00-06:00\" or \"02:00-04:00\""
                .formatted(Printable.of(window)));
      }
    }
  }

  private static void checkLabels(Path file, Json5.Value value) {
    if (value.path().getLast().equals(LABELS.name())) {
      value.items().stream()
          .filter(label -> !label.matches(LABEL))
          .findFirst()
          .ifPresent(
              label -> {
                throw Json5.at(
                    file,
                    value.line(),
                    "'%s' cannot be a label of a host: letters, digits, and . _ - within"
                        .formatted(Printable.of(label)));
              });
    }
  }
}
