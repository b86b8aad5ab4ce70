package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The keys below {@code deploy.APP} and {@code deploy.APP.environments.ENVIRONMENT}, which value
 * each takes, and what holds where the file says nothing. They are documented in {@code
 * docs/deploy.md}.
 */
final class DeployKeys {
  static final String SECTION = "deploy";
  static final String FORM = "deploy.APP.KEY";

  private static final String ENVIRONMENTS = "environments";
  private static final Pattern MEMORY = Pattern.compile("\\d{1,7}(MiB|GiB)");
  private static final Pattern PORT = Pattern.compile("[1-9]\\d{0,4}");
  private static final Pattern STATUS = Pattern.compile("[1-5]\\d\\d(-[1-5]\\d\\d)?");

  /** The form of a value. */
  enum Form {
    /** One value. */
    SINGLE,
    /** A list, such as the words of a command. */
    LIST,
    /** An object whose names are free, such as variables. */
    NAMES
  }

  /**
   * A key.
   *
   * @param accepts of one value, or of each in a list or object
   * @param words what it must be
   * @param standard what holds where the file says nothing; empty for nothing
   */
  record Key(Form form, Predicate<String> accepts, String words, Optional<String> standard) {}

  private static final Map<String, Key> KEYS = keys();

  private DeployKeys() {}

  private static Map<String, Key> keys() {
    Map<String, Key> keys = new LinkedHashMap<>();
    keys.put("port", single(text -> PORT.matcher(text).matches(), "a port from 1 to 65535"));
    keys.put(
        "publish",
        single(
            text -> text.equals("container") || isAddress(text),
            "an IP address of this host, or \"container\"",
            "127.0.0.1"));
    keys.put("drain", duration("30s"));
    keys.put("stop_grace", duration("10s"));
    keys.put("stop_signal", text());
    keys.put("bake", duration("15s"));
    keys.put("retain", number("1"));
    keys.put("keep_warm", yesNo("false"));
    addHealth(keys);
    addRun(keys);
    addHooks(keys);
    addTraffic(keys);
    return Map.copyOf(keys);
  }

  private static void addHealth(Map<String, Key> keys) {
    keys.put("health.path", single(text -> text.startsWith("/"), "a path such as \"/up\"", "/up"));
    keys.put(
        "health.status",
        single(
            text -> STATUS.matcher(text).matches(),
            "a status such as 200, or a range such as \"200-399\"",
            "200-399"));
    keys.put("health.command", list());
    keys.put("health.image", yesNo("false"));
    keys.put("health.interval", duration("1s"));
    keys.put("health.timeout", duration("5s"));
    keys.put("health.passes", single(text -> text.matches("[1-9]\\d?"), "1 to 99", "3"));
    keys.put("health.deadline", duration("60s"));
  }

  private static void addRun(Map<String, Key> keys) {
    keys.put("run.env", names());
    keys.put("run.env_file", text());
    keys.put("run.secrets_file", text());
    keys.put("run.volumes", list());
    keys.put("run.networks", list());
    keys.put(
        "run.memory",
        single(text -> MEMORY.matcher(text).matches(), "a size such as \"512MiB\" or \"2GiB\""));
    keys.put(
        "run.cpus", single(text -> text.matches("\\d{1,4}(\\.\\d{1,3})?"), "a number such as 1.5"));
    keys.put("run.user", text());
    keys.put(
        "run.restart",
        single(
            text -> text.matches("no|always|unless-stopped|on-failure(:\\d{1,4})?"),
            "\"no\", \"always\", \"unless-stopped\" or \"on-failure:N\"",
            "unless-stopped"));
    keys.put("run.read_only", yesNo("false"));
    keys.put("run.cap_drop", list());
    keys.put("run.args", list());
    keys.put("run.labels", names());
    keys.put("run.log_driver", text());
    keys.put("run.log_options", names());
  }

  private static void addHooks(Map<String, Key> keys) {
    keys.put("hooks.pre_deploy", list());
    keys.put("hooks.post_switch", list());
    keys.put("hooks.post_deploy", list());
    keys.put("hooks.failed", list());
    keys.put("hooks.timeout", duration("60s"));
  }

  private static void addTraffic(Map<String, Key> keys) {
    keys.put(
        "traffic.driver",
        single(
            text -> text.matches("haproxy|nginx|caddy|command"),
            "\"haproxy\", \"nginx\", \"caddy\" or \"command\""));
    keys.put(
        "traffic.url",
        single(text -> text.matches("https?://.+"), "a URL such as \"http://127.0.0.1/up\""));
    keys.put("traffic.connect", text());
    keys.put("traffic.timeout", aDuration());
    for (String key :
        List.of(
            "socket",
            "backend",
            "state_file",
            "config",
            "upstream",
            "file",
            "status",
            "admin",
            "id")) {
      keys.put("traffic." + key, text());
    }
    for (String key : List.of("program", "reload", "command")) {
      keys.put("traffic." + key, list());
    }
    keys.put("traffic.reload_timeout", aDuration());
    keys.put("traffic.identifies", yesNo("false"));
    keys.put("traffic.env", names());
  }

  /** A name could mean another address tomorrow. */
  private static boolean isAddress(String text) {
    try {
      return !InetAddress.ofLiteral(text).isAnyLocalAddress(); // traffic cannot be sent to those
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Key text(String... standard) {
    return single(text -> !text.isEmpty(), "a text", standard);
  }

  private static Key duration(String standard) {
    return aDuration(standard);
  }

  /** A driver may have a default of its own. */
  private static Key aDuration(String... standard) {
    return single(
        text -> ConfigKeys.duration(text).isPresent(),
        "a duration such as \"500ms\", \"30s\" or \"5m\"",
        standard);
  }

  private static Key number(String standard) {
    return single(text -> text.matches("\\d{1,2}"), "a whole number from 0 to 99", standard);
  }

  private static Key yesNo(String standard) {
    return single(text -> text.matches("true|false"), "true or false", standard);
  }

  private static Key single(Predicate<String> accepts, String words, String... standard) {
    return new Key(
        Form.SINGLE, accepts, words, Optional.of(standard).map(s -> s.length == 0 ? null : s[0]));
  }

  private static Key list() {
    return new Key(Form.LIST, text -> true, "a list such as [\"one\", \"two\"]", Optional.empty());
  }

  private static Key names() {
    return new Key(
        Form.NAMES, text -> true, "an object such as { NAME: \"value\" }", Optional.empty());
  }

  /** All keys below {@code deploy.APP}, by name. */
  static Map<String, Key> all() {
    return KEYS;
  }

  /**
   * Checks one value.
   *
   * @throws ConfigException that names the key and the line
   */
  static void check(Path file, Json5.Value value) {
    List<String> path = value.path();
    checkNames(file, value);
    List<String> below = below(path);
    if (below.isEmpty()) {
      requireObject(file, value);
      return;
    }
    String name = String.join(".", below);
    Key key = KEYS.get(name);
    if (key == null && below.size() > 1) {
      key = KEYS.get(String.join(".", below.subList(0, below.size() - 1)));
      key = key != null && key.form() == Form.NAMES ? key : null;
    }
    if (key == null) {
      if (KEYS.keySet().stream().anyMatch(known -> known.startsWith(name + "."))) {
        requireObject(file, value);
        return;
      }
      throw ConfigKeys.unknown(file, value, known(below));
    }
    checkValue(file, value, key, name);
  }

  /** Path below the app, or below the environment; empty for these objects themselves. */
  static List<String> below(List<String> path) {
    int from = path.size() > 2 && path.get(2).equals(ENVIRONMENTS) ? 4 : 2;
    return path.size() <= from ? List.of() : path.subList(from, path.size());
  }

  /** The environment that the path belongs to; empty for all. */
  static Optional<String> environment(List<String> path) {
    return path.size() > 3 && path.get(2).equals(ENVIRONMENTS)
        ? Optional.of(path.get(3))
        : Optional.empty();
  }

  private static void checkNames(Path file, Json5.Value value) {
    try {
      if (value.path().size() > 1) {
        new AppName(value.path().get(1));
      }
      environment(value.path()).ifPresent(Environment::new);
    } catch (InvalidNameException e) {
      throw Json5.at(file, value.line(), String.valueOf(e.getMessage()));
    }
  }

  private static void requireObject(Path file, Json5.Value value) {
    if (value.kind() != Json5.Kind.OBJECT) {
      throw Json5.at(file, value.line(), "'" + value.key() + "' must be an object: { … }");
    }
  }

  private static void checkValue(Path file, Json5.Value value, Key key, String name) {
    boolean fits =
        switch (key.form()) {
          case SINGLE -> isSingle(value) && key.accepts().test(value.value());
          case LIST -> value.kind() == Json5.Kind.LIST && !value.items().isEmpty();
          case NAMES ->
              KEYS.containsKey(name) ? value.kind() == Json5.Kind.OBJECT : isSingle(value);
        };
    if (!fits) {
      throw Json5.at(
          file,
          value.line(),
          "'%s' cannot be %s; it must be %s"
              .formatted(value.key(), shown(value, name), key.words()));
    }
  }

  private static boolean isSingle(Json5.Value value) {
    return value.kind() == Json5.Kind.TEXT || value.kind() == Json5.Kind.OTHER;
  }

  /** Values of variables are not shown. */
  private static String shown(Json5.Value value, String name) {
    return isSingle(value) && !name.startsWith("run.")
        ? "\"" + Printable.of(value.value()) + "\""
        : "this";
  }

  private static String known(List<String> below) {
    String section = below.size() > 1 ? below.getFirst() + "." : "";
    return KEYS.keySet().stream()
        .filter(key -> key.startsWith(section))
        .sorted()
        .collect(Collectors.joining(", ", "deploy.APP with ", ""));
  }
}
