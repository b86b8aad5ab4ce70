package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The configuration as its file has it: every key is known and every value can be honoured.
 *
 * @param path the file; empty where there is none, and all is default
 * @param named true if the user named the file, who then trusts it and the files that it names
 * @param profiles by name, in the file's order
 * @param values the settings outside the profiles, by their dotted key
 * @param deploy the section of that name
 * @param retention the section of that name, by the dotted key below it
 * @param agent the section of that name
 * @param rollouts how promotions reach hosts, the section of that name in the singular
 * @param included the lists of the section {@code build}, by the dotted key below it
 * @param warnings about the file itself, for the user
 * @param text of the file
 */
public record ConfigFile(
    Optional<Path> path,
    boolean named,
    Map<String, Profile> profiles,
    Map<String, String> values,
    Deploy deploy,
    Map<String, String> retention,
    AgentValues agent,
    RolloutSection rollouts,
    Map<String, List<String>> included,
    List<String> warnings,
    Text text) {

  /** Name of the file in a working directory. */
  public static final String NAME = "s3dock.json5";

  /** Largest file that is read, in bytes. */
  private static final int MAX_BYTES = 1 << 20;

  /** What the file says, which may be secrets. */
  public static final class Text {
    private final String value;

    private Text(String value) {
      this.value = value;
    }
  }

  /** The section {@code deploy}; its text shows no values, since they may be secrets. */
  public static final class Deploy {
    private final List<Json5.Value> values;

    private Deploy(List<Json5.Value> values) {
      this.values = values;
    }
  }

  /**
   * What is said about the deployment of an app in an environment.
   *
   * @throws ConfigException if nothing is
   */
  public DeployValues deployment(AppName app, Environment environment) {
    return path.flatMap(file -> DeployValues.of(file, deploy.values, app, environment))
        .orElseThrow(
            () ->
                new ConfigException(
                    "%s does not say how %s is deployed: add deploy.%s with port and traffic, see docs/deploy.md"
                        .formatted(
                            path.map(Path::toString).orElse("no configuration file"), app, app)));
  }

  /** The section {@code rollout}. */
  public static final class RolloutSection {
    private final List<Json5.Value> values;

    private RolloutSection(List<Json5.Value> values) {
      this.values = values;
    }
  }

  /** What is said about how promotions reach the hosts of an environment. */
  public RolloutValues rollout(AppName app, Environment environment) {
    return RolloutValues.of(rollouts.values, app, environment);
  }

  /** What is said about how long the images of an app are kept. */
  public RetentionValues retentionOf(AppName app) {
    return new RetentionValues(retention, app);
  }

  /** What holds about retention, by the dotted key below its section; empty for no such rule. */
  public Map<String, String> retentionInForce() {
    Map<String, String> rules = new LinkedHashMap<>();
    RetentionKeys.KEYS.all().forEach(key -> rules.put(key.name(), key.standard().orElse("")));
    rules.putAll(retention);
    return rules;
  }

  /** Patterns of files that builds of an app send though git ignores them. */
  public List<String> includedOf(AppName app) {
    return included.getOrDefault(app + "." + BuildKeys.INCLUDE, List.of());
  }

  /** What is said of a key outside the profiles, or its default; empty if there is neither. */
  <T> Optional<T> find(Key<T> key) {
    return key.read(Optional.ofNullable(values.get(key.name())));
  }

  /** What is said of a key outside the profiles that has a default. */
  <T> T get(Key<T> key) {
    return find(key).orElseThrow();
  }

  /** Name of the profile where none is named. */
  public String defaultProfile() {
    return get(ConfigKeys.DEFAULT_PROFILE);
  }

  /** The app where a command names none. */
  public Optional<AppName> app() {
    return find(ConfigKeys.APP);
  }

  /**
   * What the agent of this host follows: the environments of each app.
   *
   * @throws ConfigException if there are none, or nothing is said about the deployment of one
   */
  public Map<AppName, List<Environment>> followed() {
    Map<AppName, List<Environment>> apps = agent.apps();
    String name = path.map(Path::toString).orElse("no configuration file");
    if (apps.isEmpty()) {
      throw new ConfigException(
          "%s does not say what this host runs: add agent.apps, such as { myapp: [\"production\"] }, see docs/agent.md"
              .formatted(name));
    }
    for (AppName app : apps.keySet()) {
      if (!deploys(app)) {
        throw new ConfigException(
            "%1$s: agent.apps names %2$s, but deploy.%2$s is missing, which says how it is run"
                .formatted(name, app));
      }
    }
    return apps;
  }

  /** True if something is said about the deployment of an app. */
  public boolean deploys(AppName app) {
    return deploy.values.stream()
        .anyMatch(value -> value.path().size() > 1 && value.path().get(1).equals(app.value()));
  }

  /** The apps that something is said about, each with the environments that are named for it. */
  public Map<AppName, Set<Environment>> deployments() {
    Map<AppName, Set<Environment>> found = new TreeMap<>();
    for (Json5.Value value : deploy.values) {
      if (value.path().size() > 1) {
        Set<Environment> named =
            found.computeIfAbsent(new AppName(value.path().get(1)), _ -> new TreeSet<>());
        DeployKeys.environment(value.path()).map(Environment::new).ifPresent(named::add);
      }
    }
    return found;
  }

  /** The settings of one profile, by key. */
  public record Profile(Map<String, String> values) {
    Optional<String> get(Key<String> key) {
      return Optional.ofNullable(values.get(key.name())).filter(value -> !value.isEmpty());
    }

    @Override
    public String toString() {
      return "Profile" + values.keySet(); // values may be secrets
    }
  }

  /** What is in force where there is no file. */
  static ConfigFile none() {
    return new ConfigFile(
        Optional.empty(),
        false,
        Map.of(ConfigKeys.DEFAULT_PROFILE.standard().orElseThrow(), new Profile(Map.of())),
        Map.of(),
        new Deploy(List.of()),
        Map.of(),
        new AgentValues(List.of()),
        new RolloutSection(List.of()),
        Map.of(),
        List.of(),
        new Text(""));
  }

  /**
   * Reads the file that the user named, or else the first that exists of {@code s3dock.json5} in
   * the working directory and the folders above it, {@code ~/.s3dock/config.json5}, {@code
   * /etc/s3dock/config.json5}. One that was found has to be of this user or of root.
   *
   * @throws ConfigException if the file cannot be read, a value cannot be honoured, or somebody
   *     else could have written a file that was found
   */
  public static ConfigFile load(Optional<Path> named, Path workingDirectory, Path home) {
    return none().again(named, workingDirectory, home);
  }

  /** The same; this one where its file still says the same, word for word. */
  public ConfigFile again(Optional<Path> chosen, Path workingDirectory, Path home) {
    if (chosen.isPresent()) {
      return again(workingDirectory.resolve(chosen.get()), true);
    }
    return Stream.concat(
            Stream.iterate(
                    workingDirectory.toAbsolutePath(),
                    Objects::nonNull,
                    folder -> folder.getParent())
                .map(folder -> folder.resolve(NAME)),
            Stream.of(home.resolve(".s3dock/config.json5"), Path.of("/etc/s3dock/config.json5")))
        .filter(Files::exists)
        .findFirst()
        .map(this::found)
        .orElseGet(ConfigFile::none);
  }

  private ConfigFile found(Path file) {
    Trust.require(
        file,
        ("a configuration runs commands and says where keys are sent, so one that nobody named must"
                + " belong to this user or root, as its folder, and be writable by nobody else."
                + " Read it, then name it with --config %s or in S3DOCK_CONFIG, or set owner and"
                + " permissions right")
            .formatted(file));
    return again(file, false);
  }

  private ConfigFile again(Path file, boolean chosen) {
    String now = text(file);
    boolean same = path.equals(Optional.of(file)) && named == chosen && now.equals(this.text.value);
    return same ? this : parse(file, chosen, now);
  }

  /**
   * Refuses a file that the configuration names, if somebody else could have written it. One that
   * the user named is trusted in this too.
   *
   * @throws ConfigException with the remedy
   */
  public Path trusted(Path other) {
    if (!named) {
      Trust.require(
          other,
          "let it and its folder belong to this user or root, writable by nobody else, or name the configuration with --config %s if you trust all that it names"
              .formatted(path.map(Path::toString).orElse("FILE")));
    }
    return other;
  }

  private static ConfigFile parse(Path file, boolean named, String text) {
    Map<String, Profile> profiles = new LinkedHashMap<>();
    Map<String, String> values = new LinkedHashMap<>();
    List<Json5.Value> deploy = new ArrayList<>();
    Map<String, String> retention = new LinkedHashMap<>();
    List<Json5.Value> agent = new ArrayList<>();
    List<Json5.Value> rollouts = new ArrayList<>();
    Map<String, List<String>> included = new LinkedHashMap<>();
    for (Json5.Value value : Json5.parse(file, text)) {
      ConfigKeys.check(file, value);
      if (value.path().getFirst().equals(DeployKeys.SECTION)) {
        deploy.add(value);
      } else if (value.path().getFirst().equals(AgentKeys.SECTION)) {
        agent.add(value);
      } else if (value.path().getFirst().equals(RolloutKeys.SECTION)) {
        rollouts.add(value);
      } else if (value.path().getFirst().equals(BuildKeys.SECTION)) {
        included.put(String.join(".", value.path().subList(1, value.path().size())), value.items());
      } else if (value.path().getFirst().equals(RetentionKeys.SECTION)) {
        retention.put(
            String.join(".", value.path().subList(1, value.path().size())), value.value());
      } else {
        collect(value, profiles, values);
      }
    }
    return new ConfigFile(
        Optional.of(file),
        named,
        profiles,
        values,
        new Deploy(deploy),
        retention,
        new AgentValues(agent),
        new RolloutSection(rollouts),
        included,
        warnings(file, profiles),
        new Text(text));
  }

  private static void collect(
      Json5.Value value, Map<String, Profile> profiles, Map<String, String> values) {
    List<String> path = value.path();
    if (path.getFirst().equals(ConfigKeys.PROFILES) && path.size() > 1) {
      Map<String, String> profile =
          profiles
              .computeIfAbsent(path.get(1), name -> new Profile(new LinkedHashMap<>()))
              .values();
      if (value.kind() != Json5.Kind.OBJECT) {
        profile.put(path.getLast(), value.value());
      }
    } else if (value.kind() != Json5.Kind.OBJECT) {
      values.put(value.key(), value.value());
    }
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(
            file + " is larger than 1 MiB, which is not a configuration file");
      }
      return withoutMark(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "no configuration file " + file + "; s3dock config init writes one");
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + ": " + FailureWords.of(e));
    }
  }

  /** Without the byte order mark that some editors write. */
  static String withoutMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static List<String> warnings(Path file, Map<String, Profile> profiles) {
    boolean secret =
        profiles.values().stream()
            .anyMatch(profile -> profile.get(ConfigKeys.SECRET_KEY).isPresent());
    if (!secret || !othersCanRead(file)) {
      return List.of();
    }
    return List.of(
        "%s holds a secret key and others can read it: chmod 600 %s".formatted(file, file));
  }

  private static boolean othersCanRead(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      return permissions.contains(PosixFilePermission.GROUP_READ)
          || permissions.contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException e) {
      return false; // no such permissions on this file system, so nothing to warn about
    }
  }
}
