package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.ConfigException;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.DeployKeys;
import dev.s3dock.config.DeployValues;
import dev.s3dock.config.EnvFile;
import dev.s3dock.config.Key;
import dev.s3dock.deploy.NoLoadBalancer;
import dev.s3dock.deploy.host.HostLock.Locks;
import dev.s3dock.deploy.host.ProgramHooks;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.DeploySettings.Front;
import dev.s3dock.deploy.service.Durations;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Secrets;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.StatusRange;
import dev.s3dock.deploy.service.UpdateStrategy;
import dev.s3dock.deploy.target.TargetSettings;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.Containers;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Makes the parts of a deployment out of what the configuration says of an app. */
public final class HostWiring {
  private static final Path LOCKS = Path.of("/run/lock");

  /** Not TMPDIR, which each user may have another of. */
  private static final Path COMMON = Path.of("/tmp");

  /** Stands for all environments that the file does not name. */
  private static final Environment ANY = new Environment("production");

  private final ConfigFile file;
  private final ProcessContext process;
  private final AwsWiring aws;

  /** What stays as it is for as long as the file does. */
  private final Map<Service, DeploySettings> known = new ConcurrentHashMap<>();

  HostWiring(ConfigFile file, ProcessContext process, AwsWiring aws) {
    this.file = file;
    this.process = process;
    this.aws = aws;
  }

  /**
   * The program that keeps a service elsewhere; empty for one that containers of this host are.
   *
   * @throws ConfigException if keys do not go with that
   */
  public Optional<TargetSettings> target(Service service) {
    DeployValues values = values(service);
    List<String> command = values.list(DeployKeys.TARGET_COMMAND);
    if (command.isEmpty()) {
      if (values.saysBelow("target.")) {
        throw values.refused("target needs target.command, the program that keeps the app there");
      }
      return Optional.empty();
    }
    List<String> others = values.namesWithout("target.");
    if (!others.isEmpty()) {
      throw values.refused(
          "%s cannot stand beside target: the target's program knows how the app is run"
              .formatted(String.join(", ", others)));
    }
    requireTrusted(command);
    new HostPrograms(process)
        .problem(command)
        .ifPresent(
            problem -> {
              throw values.refused(DeployKeys.TARGET_COMMAND + ": " + problem);
            });
    try {
      return Optional.of(
          new TargetSettings(
              command,
              values.names(DeployKeys.TARGET_ENV),
              values.get(DeployKeys.TARGET_ENDPOINT)));
    } catch (IllegalArgumentException e) {
      throw values.refused(String.valueOf(e.getMessage()));
    }
  }

  /** Where programs of the user's run. */
  Path folder() {
    return process.workingDirectory();
  }

  /** How a service is run. */
  public DeploySettings settings(Service service) {
    DeploySettings before = known.get(service);
    if (before != null) {
      return before;
    }
    DeployValues values = values(service);
    DeploySettings now = read(values);
    if (isWholeIn(values)) {
      known.put(service, now);
    }
    return now;
  }

  /** True if no other file and no service of a cloud has a part in it. */
  private static boolean isWholeIn(DeployValues values) {
    return !values.says(DeployKeys.ENV_FILE)
        && !values.says(DeployKeys.SECRETS_FILE)
        && !AwsWiring.isFor(values);
  }

  private DeploySettings read(DeployValues values) {
    Map<String, String> open = new LinkedHashMap<>(values.names(DeployKeys.ENV));
    Map<String, String> secret = new LinkedHashMap<>();
    values
        .file(DeployKeys.ENV_FILE)
        .map(file::trusted)
        .map(env -> EnvFile.read(env, process.environment()))
        .ifPresent(secret::putAll);
    values
        .file(DeployKeys.SECRETS_FILE)
        .map(file::trusted)
        .map(env -> EnvFile.readPrivate(env, process.environment()))
        .ifPresent(secret::putAll);
    Map<String, String> env = new LinkedHashMap<>(secret);
    env.putAll(open);
    try {
      Handover handover = handover(values);
      return new DeploySettings(
          handover,
          update(values),
          handover.takesTraffic() ? values.get(DeployKeys.PORT) : 0,
          values.get(DeployKeys.REPLICAS),
          handover.takesTraffic() ? publish(values) : Optional.empty(),
          health(values),
          values.get(DeployKeys.DRAIN),
          values.get(DeployKeys.STOP_GRACE),
          values.get(DeployKeys.BAKE),
          values.get(DeployKeys.RETAIN),
          values.get(DeployKeys.KEEP_WARM),
          front(values),
          options(values, env),
          labels(values),
          new Secrets(secret.values()));
    } catch (IllegalArgumentException e) {
      throw values.refused(String.valueOf(e.getMessage()));
    }
  }

  /** Empty for the container's own address. */
  private Optional<String> publish(DeployValues values) {
    return AwsWiring.isFor(values)
        ? Optional.of(aws.address(values))
        : Optional.of(values.get(DeployKeys.PUBLISH)).filter(text -> !text.equals("container"));
  }

  private DeployValues values(Service service) {
    return file.deployment(service.app(), service.environment());
  }

  private static Handover handover(DeployValues values) {
    boolean stopFirst = values.get(DeployKeys.ORDER).equals("stop-first");
    if (!values.get(DeployKeys.DRIVER).equals("none")) {
      if (stopFirst) {
        throw values.refused("order is for apps with traffic.driver \"none\"");
      }
      return Handover.BLUE_GREEN;
    }
    for (Key<?> key :
        List.of(DeployKeys.PORT, DeployKeys.PUBLISH, DeployKeys.HEALTH_PATH, DeployKeys.URL)) {
      if (values.says(key)) {
        throw values.refused(key + " makes no sense with traffic.driver \"none\"");
      }
    }
    return stopFirst ? Handover.STOP_FIRST : Handover.START_FIRST;
  }

  private static UpdateStrategy update(DeployValues values) {
    return values.get(DeployKeys.UPDATE).equals("rolling")
        ? UpdateStrategy.ROLLING
        : UpdateStrategy.ALL_AT_ONCE;
  }

  private static Health.Check otherwise(DeployValues values) {
    return handover(values).takesTraffic()
        ? new Health.Check.Http(values.get(DeployKeys.HEALTH_PATH), status(values))
        : new Health.Check.Running();
  }

  private static Health health(DeployValues values) {
    List<String> command = values.list(DeployKeys.HEALTH_COMMAND);
    if (!command.isEmpty() && values.get(DeployKeys.HEALTH_IMAGE)) {
      throw values.refused("health.command and health.image exclude each other");
    }
    Health.Check check =
        values.get(DeployKeys.HEALTH_IMAGE)
            ? new Health.Check.OfImage()
            : command.isEmpty() ? otherwise(values) : new Health.Check.Command(command);
    requirePossible(values);
    return new Health(
        check,
        values.get(DeployKeys.HEALTH_INTERVAL),
        values.get(DeployKeys.HEALTH_TIMEOUT),
        values.get(DeployKeys.HEALTH_PASSES),
        values.get(DeployKeys.HEALTH_DEADLINE));
  }

  /** No container could pass otherwise. */
  private static void requirePossible(DeployValues values) {
    if (!values.get(DeployKeys.HEALTH_TIMEOUT).isPositive()) {
      throw values.refused(DeployKeys.HEALTH_TIMEOUT + " must be above 0");
    }
    int passes = values.get(DeployKeys.HEALTH_PASSES);
    Duration needed = values.get(DeployKeys.HEALTH_INTERVAL).multipliedBy(passes - 1L);
    if (values.get(DeployKeys.HEALTH_DEADLINE).compareTo(needed) <= 0) {
      throw values.refused(
          "health.deadline is too short: %d checks in a row, one each health.interval, take %s"
              .formatted(passes, Durations.text(needed)));
    }
  }

  private static StatusRange status(DeployValues values) {
    return StatusRange.parse(values.get(DeployKeys.HEALTH_STATUS));
  }

  private static Optional<Front> front(DeployValues values) {
    return values
        .find(DeployKeys.URL)
        .map(url -> new Front(URI.create(url), values.find(DeployKeys.CONNECT), status(values)));
  }

  private static ContainerSpec.Options options(DeployValues values, Map<String, String> env) {
    return new ContainerSpec.Options(
        env,
        values.list(DeployKeys.ARGS),
        values.list(DeployKeys.VOLUMES),
        values.list(DeployKeys.NETWORKS),
        values.find(DeployKeys.MEMORY).map(OptionalLong::of).orElseGet(OptionalLong::empty),
        values.find(DeployKeys.CPUS).map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
        values.find(DeployKeys.USER),
        values.get(DeployKeys.RESTART),
        values.get(DeployKeys.READ_ONLY),
        values.list(DeployKeys.CAP_DROP),
        values.find(DeployKeys.LOG_DRIVER),
        values.names(DeployKeys.LOG_OPTIONS),
        values.find(DeployKeys.STOP_SIGNAL));
  }

  private static Map<String, String> labels(DeployValues values) {
    Map<String, String> labels = values.names(DeployKeys.LABELS);
    if (labels.keySet().stream().anyMatch(name -> name.startsWith("dev.s3dock."))) {
      throw values.refused("labels that begin with dev.s3dock. are reserved for s3dock");
    }
    return labels;
  }

  /**
   * The load balancer of a service.
   *
   * @param containers of this host, asked where there is none, or none that knows them
   */
  public LoadBalancer loadBalancer(Service service, Supplier<Containers> containers) {
    DeployValues values = values(service);
    requireTrusted(values.list(DeployKeys.COMMAND));
    if (!handover(values).takesTraffic()) {
      return new NoLoadBalancer(service, containers);
    }
    return new LoadBalancerWiring(values, aws)
        .loadBalancer(() -> BackendWiring.backends(service, containers.get()));
  }

  /** ARNs of the target groups at AWS that the configuration names for any service. */
  public List<String> targetGroups() {
    return file.deployments().entrySet().stream()
        .flatMap(
            app ->
                Stream.concat(Stream.of(ANY), app.getValue().stream())
                    .map(environment -> file.deployment(app.getKey(), environment)))
        .filter(AwsWiring::isFor)
        .flatMap(values -> values.find(DeployKeys.TARGET_GROUP).stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** The user's commands of a service. */
  Hooks hooks(Service service) {
    DeployValues values = values(service);
    Map<Hooks.Point, List<String>> commands = new LinkedHashMap<>();
    for (Hooks.Point point : Hooks.Point.values()) {
      List<String> command = values.list(DeployKeys.hook(point.toString()));
      if (!command.isEmpty()) {
        requireTrusted(command);
        commands.put(point, command);
      }
    }
    return new ProgramHooks(
        commands,
        process.workingDirectory(),
        values.get(DeployKeys.HOOK_TIMEOUT),
        settings(service).secrets());
  }

  /**
   * Makes sure that all programs of a deployment are there, as most are needed only when the new
   * container runs, or has the traffic already.
   *
   * @throws ConfigException that names the key
   */
  public void requirePrograms(Service service) {
    DeployValues values = values(service);
    HostPrograms programs = new HostPrograms(process);
    Stream.concat(
            Stream.of(Hooks.Point.values()).map(point -> DeployKeys.hook(point.toString())),
            Stream.of(DeployKeys.COMMAND, DeployKeys.PROGRAM, DeployKeys.RELOAD))
        .forEach(
            key ->
                programs
                    .problem(values.list(key))
                    .ifPresent(
                        problem -> {
                          throw values.refused(key + ": " + problem);
                        }));
    if (!values.get(DeployKeys.HOOK_TIMEOUT).isPositive()) {
      throw values.refused(DeployKeys.HOOK_TIMEOUT + " must be above 0");
    }
  }

  /** A program that is given by its path; one that is looked for in PATH is the user's choice. */
  private void requireTrusted(List<String> command) {
    if (!command.isEmpty() && command.getFirst().contains("/")) {
      file.trusted(process.workingDirectory().resolve(command.getFirst()));
    }
  }

  /**
   * Where the locks are. All users of a host must agree on it, so that it is no part of a file.
   *
   * @param who deploys, such as {@code process 42 of root}
   */
  Locks locks(String who) {
    Path folder =
        Optional.ofNullable(process.environment().get("S3DOCK_LOCK_DIR"))
            .filter(text -> !text.isEmpty())
            .map(Path::of)
            .orElseGet(() -> Files.isWritable(LOCKS) ? LOCKS : COMMON);
    if (!Files.isDirectory(folder)) {
      throw new UsageException("the folder %s for locks does not exist".formatted(folder));
    }
    return new Locks(
        folder, "%s, since %s".formatted(who, Printable.time(process.clock().instant())));
  }

  /** Identifies all that the file says about a service; no value can be read from it. */
  String fingerprint(Service service) {
    String more =
        target(service)
            .map(TargetSettings::fingerprint)
            .orElseGet(() -> settings(service).fingerprint());
    return values(service).fingerprint() + "-" + more;
  }
}
