package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.ErrorMessage;
import dev.s3dock.cli.wiring.HostWiring;
import dev.s3dock.cli.wiring.StoreWiring;
import dev.s3dock.cli.wiring.TransferWiring;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.ConfigException;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.Settings;
import dev.s3dock.config.Trust;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.doctor.BucketChecks;
import dev.s3dock.doctor.Check;
import dev.s3dock.doctor.CheckResult;
import dev.s3dock.doctor.ChunkCacheCheck;
import dev.s3dock.doctor.EngineChecks;
import dev.s3dock.doctor.MachineChecks;
import dev.s3dock.doctor.Role;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.Environment;
import dev.s3dock.store.StoreException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Makes the checks of an examination out of the configuration. */
final class DoctorChecks {
  /** Stands for all environments where the file says nothing of a single one. */
  private static final Environment ANY = new Environment("production");

  private final Wiring wiring;
  private final ProcessContext process;
  private final Role role;

  DoctorChecks(Wiring wiring, ProcessContext process, Role role) {
    this.wiring = wiring;
    this.process = process;
    this.role = role;
  }

  /** What is in force, and what is wrong with it. */
  List<CheckResult> configuration() {
    Settings settings = wiring.settings();
    ConfigFile file = wiring.file();
    List<CheckResult> findings = new ArrayList<>();
    findings.add(
        CheckResult.ok(
            "configuration",
            file.path()
                .map(path -> "%s, profile %s".formatted(path, settings.profile()))
                .orElse("no file; environment and defaults")));
    file.warnings().forEach(text -> findings.add(CheckResult.warning("configuration", text)));
    if (!isFolder()) {
      findings.add(endpoint(settings));
    }
    return findings;
  }

  private CheckResult endpoint(Settings settings) {
    try {
      String from = settings.endpoint().isPresent() ? "" : ", the AWS profile's endpoint_url";
      return CheckResult.ok(
          "endpoint",
          wiring.stores().endpoint().map(it -> shown(it) + from + place(it)).orElse("Amazon S3")
              + wiring.stores().proxy().map(it -> ", by the proxy " + shown(it)).orElse("")
              + wiring.stores().certificates().map(it -> ", trusting " + it).orElse(""));
    } catch (StoreException | ConfigException e) {
      return CheckResult.failure("endpoint", e);
    }
  }

  private String place(URI endpoint) {
    try {
      return wiring
          .settings()
          .bucket()
          .map(bucket -> ", the bucket " + wiring.stores().bucketPlace(bucket, endpoint))
          .orElse("");
    } catch (UsageException e) {
      return ""; // the check of the bucket tells it
    }
  }

  /** A URL may carry a password. */
  private static String shown(URI endpoint) {
    return endpoint.getScheme()
        + "://"
        + endpoint.getHost()
        + (endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort());
  }

  private boolean isFolder() {
    return wiring.settings().bucket().filter(bucket -> bucket.startsWith("file:")).isPresent();
  }

  /** The checks of the bucket; empty, with a finding, if there is none to look at. */
  Optional<BucketChecks> bucket(Consumer<CheckResult> report) {
    Optional<String> bucket = wiring.settings().bucket();
    try {
      if (bucket.isEmpty()) {
        throw UsageException.noBucket(wiring.file().path(), wiring.settings().profile());
      }
      if (isFolder() && Files.notExists(folder(bucket.get()))) {
        report.accept(
            CheckResult.warning(
                "bucket",
                "the folder %s does not exist yet; check its name: the first push creates it"
                    .formatted(folder(bucket.get()))));
        return Optional.empty();
      }
      return Optional.of(wiring.bucketChecks(bucket.get(), role, credentials()));
    } catch (UsageException | StoreException e) {
      report.accept(CheckResult.failure("bucket", e));
      return Optional.empty();
    }
  }

  private static Path folder(String bucket) {
    try {
      return Path.of(URI.create(bucket));
    } catch (IllegalArgumentException e) {
      throw UsageException.malformedFolder(bucket);
    }
  }

  private Optional<String> credentials() {
    Settings settings = wiring.settings();
    if (isFolder()) {
      return Optional.empty();
    }
    boolean ofEnvironment = !process.environment().getOrDefault("AWS_ACCESS_KEY_ID", "").isEmpty();
    return settings
        .credentials()
        .map(
            keys ->
                "access key %s, from %s"
                    .formatted(
                        keys.masked(),
                        ofEnvironment
                            ? "AWS_ACCESS_KEY_ID in the environment"
                            : "the profile " + settings.profile()));
  }

  /** The checks of the machine, that need no more of the configuration than it may have. */
  static List<Check> machine(ProcessContext process, Role role, Optional<Settings> settings) {
    return new MachineChecks(
            role,
            process.workingDirectory(),
            TransferWiring.spool(process),
            StoreWiring.cacheOf(process),
            chunks(process, settings),
            settings.map(Settings::compression).orElse("gzip"))
        .checks();
  }

  private static ChunkCacheCheck chunks(ProcessContext process, Optional<Settings> settings) {
    Path folder = StoreWiring.chunksOf(process, settings.flatMap(Settings::chunkFolder));
    return new ChunkCacheCheck(
        folder,
        TransferWiring.chunkLimit(settings.map(Settings::chunkBytes).orElse(0L)),
        Trust.objection(folder),
        process.clock());
  }

  /** The check of the engine. */
  Check engine() {
    return new EngineChecks(wiring::engineConnection, role.needsEngine()).check();
  }

  /** The checks of the load balancers that the configuration names, by their own drivers. */
  List<Check> traffic() {
    HostWiring host = wiring.host();
    List<Check> checks = new ArrayList<>();
    wiring
        .file()
        .deployments()
        .forEach(
            (app, named) ->
                (named.isEmpty() ? Set.of(ANY) : named)
                    .forEach(
                        environment -> {
                          Service service = new Service(app, environment);
                          String name = "deploy " + (named.isEmpty() ? app : service);
                          checks.add(
                              Check.local(
                                  name, report -> report.accept(traffic(host, service, name))));
                        }));
    return checks;
  }

  private CheckResult target(Service service, String name) {
    try {
      return wiring.deployer(service).standing() instanceof Standing.Unknown it
          ? CheckResult.warning(name, it.problem())
          : CheckResult.ok(name, "the target's program answers");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CheckResult.warning(name, "interrupted");
    }
  }

  private CheckResult traffic(HostWiring host, Service service, String name) {
    try {
      if (host.target(service).isPresent()) {
        return target(service, name);
      }
      DeploySettings settings = host.settings(service);
      host.requirePrograms(service);
      LoadBalancer loadBalancer = host.loadBalancer(service, wiring::containers);
      settings.check(loadBalancer);
      return CheckResult.ok(name, loadBalancer.describe());
    } catch (LoadBalancerException
        | EngineException
        | ConfigException
        | DeployException
        | UsageException
        | UncheckedIOException e) {
      return role == Role.DEPLOYER
          ? CheckResult.failure(name, e)
          : CheckResult.warning(name, ErrorMessage.of(e));
    }
  }
}
