package dev.s3dock.cli.wiring;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.StatusLine;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.progress.DeployNotes;
import dev.s3dock.cli.progress.ProgressBars;
import dev.s3dock.cli.progress.RequestNotes;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.RetentionValues;
import dev.s3dock.config.Settings;
import dev.s3dock.deploy.DeployReporter;
import dev.s3dock.deploy.Deployable;
import dev.s3dock.deploy.Deployer;
import dev.s3dock.deploy.ImageProvider;
import dev.s3dock.deploy.Status;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.target.TargetDeployer;
import dev.s3dock.deploy.target.TargetSettings;
import dev.s3dock.doctor.BucketChecks;
import dev.s3dock.doctor.EngineChecks;
import dev.s3dock.doctor.Role;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineInfo;
import dev.s3dock.engine.docker.DockerEngine;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Pointers;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.RequestListener;
import dev.s3dock.transfer.pull.Puller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the parts that a command needs, once each, and closes them. */
public final class Wiring implements AutoCloseable {
  private final GlobalOptions options;
  private final ProcessContext process;
  private final ConfigFile file;
  private final Settings settings;
  private final RegistryWiring registry;
  private final TransferWiring transfers;
  private final StoreWiring stores;
  private final Optional<RequestNotes> requests;
  private final Deque<AutoCloseable> open = new ConcurrentLinkedDeque<>();
  private @Nullable ObjectStore store;
  private @Nullable DockerEngine engine;
  private @Nullable AwsWiring aws;

  Wiring(GlobalOptions options) {
    this(options, Optional.empty());
  }

  private Wiring(GlobalOptions options, Optional<String> profile) {
    this.options = options;
    this.process = options.process();
    this.file = ConfigFile.load(options.configFile(), process.workingDirectory(), process.home());
    if (!options.quiet) {
      file.warnings().forEach(this::warn);
    }
    this.settings =
        profile
            .map(name -> Settings.ofProfile(file, name, process.environment()))
            .orElseGet(() -> Settings.resolve(file, options.flags(), process.environment()));
    options.configured(settings.logLevel());
    this.requests =
        options.showsEverything() ? Optional.of(new RequestNotes(process)) : Optional.empty();
    Consumer<String> warnings = options.quiet ? text -> {} : this::warn;
    this.stores =
        new StoreWiring(
            process,
            settings,
            warnings,
            requests.<RequestListener>map(it -> it).orElse(RequestListener.NONE));
    this.registry = new RegistryWiring(this::store, process, file);
    this.transfers = new TransferWiring(this, process, ProgressBars.of(options, process), warnings);
  }

  /** The same for the bucket of a profile, whatever flags and variables say; to be closed. */
  public Wiring ofProfile(String profile) {
    return new Wiring(options, Optional.of(profile));
  }

  boolean isSameBucket(Wiring other) {
    return settings.bucket().equals(other.settings.bucket())
        && settings.endpoint().equals(other.settings.endpoint());
  }

  /** What the bucket says. */
  public RegistryWiring registry() {
    return registry;
  }

  /** What moves images. */
  public TransferWiring transfers() {
    return transfers;
  }

  /** How the bucket is reached. */
  public StoreWiring stores() {
    return stores;
  }

  public Settings settings() {
    return settings;
  }

  public ConfigFile file() {
    return file;
  }

  private String bucket() {
    return settings
        .bucket()
        .orElseThrow(() -> UsageException.noBucket(file.path(), settings.profile()));
  }

  ObjectStore store() {
    if (store == null) {
      String bucket = bucket();
      store = stores.open(bucket);
      open.push(store);
    }
    return store;
  }

  /** What runs on this host, as a state of the configuration says it. */
  HostWiring host(ConfigFile said) {
    return new HostWiring(said, process, aws());
  }

  /** What runs on this host. */
  public HostWiring host() {
    return host(file);
  }

  /** Made once: an agent asks it at each look. */
  private synchronized AwsWiring aws() {
    if (aws == null) {
      aws = new AwsWiring(process, settings, stores);
      open.push(aws);
    }
    return aws;
  }

  /** What a push writes to: a folder is made if it is not there. */
  ObjectStore storeToFill() {
    settings
        .bucket()
        .filter(bucket -> store == null)
        .ifPresent(
            bucket -> {
              store = stores.openToFill(bucket);
              open.push(store);
            });
    return store();
  }

  /** The checks of the bucket, which repeat little of what fails. */
  public BucketChecks bucketChecks(String bucket, Role role, Optional<String> credentials) {
    StoreWiring.Examined examined = stores.examined(bucket);
    ObjectStore looked = examined.store();
    open.push(looked);
    Pointers read = registry.pointers(looked);
    return new BucketChecks(
        looked,
        examined.capabilities(),
        read,
        new Catalog(looked, read),
        role,
        settings.conditionalWritesOff(),
        credentials,
        process.clock());
  }

  /**
   * Has the engine tell what it is, while something else is done: half of what that takes is to
   * load classes. Only who needs the answer hears of what went wrong.
   */
  public Future<EngineInfo> askEngine() {
    FutureTask<EngineInfo> asked = new FutureTask<>(() -> engine().info());
    Thread.ofVirtual().name("s3dock-ask-engine").start(asked);
    return asked;
  }

  public synchronized DockerEngine engine() {
    if (engine == null) {
      engine = DockerEngine.connect(process.environment(), settings.dockerTimeout());
      open.push(engine);
    }
    return engine;
  }

  /** The containers of the engine. */
  public Containers containers() {
    return engine().containers();
  }

  /** The engine, and what only an examination asks of it. */
  public EngineChecks.Connection engineConnection() {
    DockerEngine docker = engine();
    return new EngineChecks.Connection(
        docker, docker.address(), docker.isLocal(), docker::buildsWithBuildKit);
  }

  /** What the configuration says about how long the images of an app are kept. */
  public RetentionValues retention(AppName app) {
    return file.retentionOf(app);
  }

  /** Patterns of files that builds of an app send though git ignores them. */
  public List<String> included(AppName app) {
    return file.includedOf(app);
  }

  /** Brings a service live on this host; the configuration says how. */
  public Deployable deployer(Service service) {
    return deployer(
        service,
        host(file),
        this::engine,
        transfers::puller,
        "process %d of %s".formatted(ProcessHandle.current().pid(), registry.actor().user()),
        new DeployNotes(options, process));
  }

  /**
   * The same as another state of the configuration says. That is checked before engine and bucket
   * are opened.
   *
   * @param who is told to those who wait for this deployment
   */
  Deployable deployer(
      Service service,
      HostWiring host,
      Supplier<DockerEngine> engines,
      Supplier<Puller> pullers,
      String who,
      DeployProgress notes) {
    Optional<TargetSettings> target = host.target(service);
    if (target.isPresent()) {
      return targetDeployer(service, host, target.get(), who, notes);
    }
    DeploySettings deploySettings = host.settings(service);
    LoadBalancer loadBalancer = host.loadBalancer(service, () -> engines.get().containers());
    Hooks hooks = host.hooks(service);
    host.requirePrograms(service);
    DockerEngine docker = engines.get();
    ImageProvider imageProvider =
        new ImageProvider(
            registry.pointers(),
            registry.catalog(),
            registry.images(),
            transfers.platforms(),
            pullers.get(),
            docker);
    return new Deployer(
        service,
        deploySettings,
        docker.containers(),
        loadBalancer,
        hooks,
        imageProvider,
        deployReporter(),
        host.locks(who),
        process.clock(),
        notes);
  }

  private DeployReporter deployReporter() {
    return new DeployReporter(registry.deployments(), registry.audit(), registry.auditTrail());
  }

  private Deployable targetDeployer(
      Service service, HostWiring host, TargetSettings target, String who, DeployProgress notes) {
    TargetDeployer.Images images =
        new TargetDeployer.Images() {
          @Override
          public ImageReference wanted() {
            return registry
                .pointers()
                .find(service.app(), service.environment())
                .map(pointer -> registry.pointers().follow(pointer).reference())
                .orElseThrow(
                    () -> registry.catalog().noEnvironment(service.app(), service.environment()));
          }

          @Override
          public Digest digest(ImageReference image) {
            return servedDigest(image);
          }
        };
    return new TargetDeployer(
        service,
        target,
        host.folder(),
        images,
        deployReporter(),
        host.locks(who),
        process.clock(),
        notes);
  }

  /** The digest by which an image is served. */
  public Digest servedDigest(ImageReference image) {
    try (ServeWiring serving =
        new ServeWiring(this, process, Optional.empty(), ChunkCache.none())) {
      return serving.repositories().named(image.app().value()).manifest(image.tag(), "").digest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** True if this host is configured to run the app, and has a container of it. */
  public boolean runsHere(Service service) {
    return file.deploys(service.app()) && deployer(service).isHere();
  }

  /** What runs where. */
  public Status status() {
    HostWiring host = host(file);
    return new Status(
        registry.pointers(),
        registry.deployments(),
        registry.actor().host(),
        engine().containers(),
        process.clock(),
        service ->
            file.deploys(service.app())
                ? Optional.of(
                    new Status.Local(
                        host.settings(service), host.loadBalancer(service, this::containers)))
                : Optional.empty(),
        service ->
            file.deploys(service.app()) && host.target(service).isPresent()
                ? Optional.of(deployer(service))
                : Optional.empty());
  }

  /** A line on what was done, for a person; not with {@code --quiet}, {@code --json} or level 1. */
  public void note(String text) {
    if (options.showsProgress()) {
      process.err().println(text);
    }
  }

  /** What has gone wrong beside the error that ends the command. */
  public void warn(@Nullable String text) {
    ProgressBars.warn(text, process);
  }

  @Override
  public void close() {
    process.display().statusLine().ifPresent(StatusLine::clear); // what failed may have left it
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        warn(e.getMessage());
      }
    }
    requests.ifPresent(RequestNotes::sum);
  }
}
