package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.DeployValues;
import dev.s3dock.config.EnvFile;
import dev.s3dock.deploy.Deployer.Locks;
import dev.s3dock.deploy.host.ProgramHooks;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.DeploySettings.Front;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Secrets;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.StatusRange;
import dev.s3dock.engine.ContainerSpec;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Makes the parts of a deployment out of what the configuration says of an app. */
public final class HostWiring {
  private static final Path LOCKS = Path.of("/run/lock");

  private final ConfigFile file;
  private final ProcessContext process;

  public HostWiring(ConfigFile file, ProcessContext process) {
    this.file = file;
    this.process = process;
  }

  /** How a service is run. */
  public DeploySettings settings(Service service) {
    DeployValues values = values(service);
    Map<String, String> open = new LinkedHashMap<>(values.names("run.env"));
    Map<String, String> secret = new LinkedHashMap<>();
    values.file("run.env_file").map(EnvFile::read).ifPresent(secret::putAll);
    values.file("run.secrets_file").map(EnvFile::readPrivate).ifPresent(secret::putAll);
    Map<String, String> env = new LinkedHashMap<>(secret);
    env.putAll(open);
    try {
      return new DeploySettings(
          values.number("port"),
          Optional.of(values.required("publish")).filter(text -> !text.equals("container")),
          health(values),
          values.duration("drain"),
          values.duration("stop_grace"),
          values.duration("bake"),
          values.number("retain"),
          values.isTrue("keep_warm"),
          front(values),
          options(values, env),
          labels(values),
          new Secrets(secret.values()));
    } catch (IllegalArgumentException e) {
      throw values.refused(String.valueOf(e.getMessage()));
    }
  }

  private DeployValues values(Service service) {
    return file.deployment(service.app(), service.environment());
  }

  private static Health health(DeployValues values) {
    List<String> command = values.list("health.command");
    if (!command.isEmpty() && values.isTrue("health.image")) {
      throw values.refused("health.command and health.image exclude each other");
    }
    Health.Check check =
        values.isTrue("health.image")
            ? new Health.Check.OfImage()
            : command.isEmpty()
                ? new Health.Check.Http(values.required("health.path"), status(values))
                : new Health.Check.Command(command);
    return new Health(
        check,
        values.duration("health.interval"),
        values.duration("health.timeout"),
        values.number("health.passes"),
        values.duration("health.deadline"));
  }

  private static StatusRange status(DeployValues values) {
    return StatusRange.parse(values.required("health.status"));
  }

  private static Optional<Front> front(DeployValues values) {
    return values
        .text("traffic.url")
        .map(url -> new Front(URI.create(url), values.text("traffic.connect"), status(values)));
  }

  private static ContainerSpec.Options options(DeployValues values, Map<String, String> env) {
    return new ContainerSpec.Options(
        env,
        values.list("run.args"),
        values.list("run.volumes"),
        values.list("run.networks"),
        values.bytes("run.memory").map(OptionalLong::of).orElseGet(OptionalLong::empty),
        values
            .text("run.cpus")
            .map(text -> OptionalDouble.of(Double.parseDouble(text)))
            .orElseGet(OptionalDouble::empty),
        values.text("run.user"),
        values.required("run.restart"),
        values.isTrue("run.read_only"),
        values.list("run.cap_drop"),
        values.text("run.log_driver"),
        values.names("run.log_options"),
        values.text("stop_signal"));
  }

  private static Map<String, String> labels(DeployValues values) {
    Map<String, String> labels = values.names("run.labels");
    if (labels.keySet().stream().anyMatch(name -> name.startsWith("dev.s3dock."))) {
      throw values.refused("labels that begin with dev.s3dock. are reserved for s3dock");
    }
    return labels;
  }

  /** The load balancer of a service. */
  public LoadBalancer loadBalancer(Service service) {
    return new LoadBalancerWiring(values(service)).loadBalancer();
  }

  /** The user's commands of a service. */
  Hooks hooks(Service service) {
    DeployValues values = values(service);
    Map<Hooks.Point, List<String>> commands = new LinkedHashMap<>();
    for (Hooks.Point point : Hooks.Point.values()) {
      List<String> command = values.list("hooks." + point);
      if (!command.isEmpty()) {
        commands.put(point, command);
      }
    }
    return new ProgramHooks(
        commands,
        process.workingDirectory(),
        values.duration("hooks.timeout"),
        settings(service).secrets());
  }

  /**
   * Where the locks are. All users of a host must agree on it, so that it is no part of a file.
   *
   * @param user who deploys
   */
  Locks locks(String user) {
    Path folder =
        Optional.ofNullable(process.environment().get("S3DOCK_LOCK_DIR"))
            .filter(text -> !text.isEmpty())
            .map(Path::of)
            .orElseGet(
                () ->
                    Files.isWritable(LOCKS)
                        ? LOCKS
                        : Path.of(System.getProperty("java.io.tmpdir")));
    if (!Files.isDirectory(folder)) {
      throw new UsageException("the folder %s for locks does not exist".formatted(folder));
    }
    return new Locks(
        folder,
        "process %d of %s, since %s"
            .formatted(ProcessHandle.current().pid(), user, process.clock().instant()));
  }
}
