package dev.s3dock.cli.wiring;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.cli.invocation.BuildInfo;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.StatusLine;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.progress.DeployNotes;
import dev.s3dock.cli.progress.ProgressBars;
import dev.s3dock.cli.progress.RequestNotes;
import dev.s3dock.config.AgentKeys;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.ProxyVariables;
import dev.s3dock.config.RetentionValues;
import dev.s3dock.config.Settings;
import dev.s3dock.config.Trust;
import dev.s3dock.deploy.DeployReporter;
import dev.s3dock.deploy.Deployer;
import dev.s3dock.deploy.ImageProvider;
import dev.s3dock.deploy.Status;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.distribution.client.Access;
import dev.s3dock.distribution.client.Routes;
import dev.s3dock.distribution.copy.BucketCopy;
import dev.s3dock.distribution.copy.InwardCopy;
import dev.s3dock.distribution.copy.OutwardCopy;
import dev.s3dock.distribution.loopback.JettyLoopback;
import dev.s3dock.doctor.BucketChecks;
import dev.s3dock.doctor.EngineChecks;
import dev.s3dock.doctor.Role;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.docker.DockerEngine;
import dev.s3dock.engine.docker.api.DockerAddress;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.login.DockerLogins;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Deployments;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Referrers;
import dev.s3dock.registry.Resolver;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditSearch;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.audit.History;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.LiveReferences;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Removals;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.RequestListener;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.pull.Inspector;
import dev.s3dock.transfer.pull.PlatformSelector;
import dev.s3dock.transfer.pull.Puller;
import dev.s3dock.transfer.push.Packing;
import dev.s3dock.transfer.push.Pusher;
import dev.s3dock.verify.Finding;
import dev.s3dock.verify.Verifier;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the parts that a command needs, once each, and closes them. */
public final class Wiring implements AutoCloseable {
  /** How long a registry may say nothing: it may compute the digest of a large blob. */
  private static final Duration REGISTRY_IDLE = Duration.ofMinutes(5);

  /** A quarter of what is free without the cache, at the most. */
  private static final int PART_OF_FREE = 4;

  /** Where Docker looks, too. */
  private static final Path REGISTRY_AUTHORITIES = Path.of("/etc/docker/certs.d");

  private final GlobalOptions options;
  private final ProcessContext process;
  private final ConfigFile file;
  private final Settings settings;
  private final TransferProgress progress;
  private final StoreWiring stores;
  private final Optional<RequestNotes> requests;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable ObjectStore store;
  private @Nullable ChunkCache chunks;
  private @Nullable DockerEngine engine;

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
    this.progress = ProgressBars.of(options, process);
    this.requests =
        options.showsEverything() ? Optional.of(new RequestNotes(process)) : Optional.empty();
    this.stores =
        new StoreWiring(
            process,
            settings,
            options.quiet ? text -> {} : this::warn,
            requests.<RequestListener>map(it -> it).orElse(RequestListener.NONE));
  }

  /** The same for the bucket of a profile, whatever flags and variables say; to be closed. */
  public Wiring ofProfile(String profile) {
    return new Wiring(options, Optional.of(profile));
  }

  /** Copies from another bucket into this one. */
  public BucketCopy bucketCopy(Wiring from) {
    if (isSameBucket(from)) {
      throw new UsageException(
          "both buckets are %s: name another one with --from-profile or --to-profile"
              .formatted(store().describe()));
    }
    ObjectStore target = storeToFill();
    return new BucketCopy(from.store(), target, images(), audit(), settings.retryCount(), progress);
  }

  private boolean isSameBucket(Wiring other) {
    return settings.bucket().equals(other.settings.bucket())
        && settings.endpoint().equals(other.settings.endpoint());
  }

  /** How the bucket is reached. */
  public StoreWiring stores() {
    return stores;
  }

  public Settings settings() {
    return settings;
  }

  /** What shows how transfers go on. */
  public TransferProgress progress() {
    return progress;
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

  /** What a push writes to: a folder is made if it is not there. */
  private ObjectStore storeToFill() {
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
    Pointers read = pointers(looked);
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

  public DockerEngine engine() {
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

  public Images images() {
    return new Images(store(), process.clock());
  }

  public Pointers pointers() {
    return new Pointers(store(), images(), process.clock(), actor());
  }

  /** Those of the bucket as this store shows it. */
  Pointers pointers(ObjectStore shown) {
    return new Pointers(shown, new Images(shown, process.clock()), process.clock(), actor());
  }

  public Catalog catalog() {
    return new Catalog(store(), pointers());
  }

  public Tags tags() {
    return new Tags(images(), pointers(), audit());
  }

  public Promotions promotions() {
    return new Promotions(images(), pointers(), catalog(), audit());
  }

  public Removals removals() {
    return new Removals(store(), pointers(), catalog(), audit());
  }

  public Resolver resolver() {
    return new Resolver(images(), pointers(), catalog());
  }

  public PlatformSelector platforms() {
    return new PlatformSelector(images());
  }

  /**
   * Publishes.
   *
   * @param force sends also what is published already
   */
  public Pusher pusher(boolean force) {
    Packing packing =
        new Packing(
            spool(process),
            Compression.Choice.parse(settings.compression()),
            threads(),
            force,
            stores.cache(),
            settings.cacheBytes());
    return new Pusher(
        storeToFill(),
        images(),
        audit(),
        legacy(),
        catalog(),
        process.clock(),
        packing,
        progress,
        Optional.of(new JettyLoopback()));
  }

  /**
   * A cache of chunks in a folder; one that holds nothing, with a warning, if somebody else could
   * have filled it.
   */
  public ChunkCache cacheAt(Path folder, Limit limit) {
    Consumer<String> warnings = options.quiet ? text -> {} : this::warn;
    Optional<String> objection = Trust.objection(folder);
    objection.ifPresent(
        reason ->
            warnings.accept(
                "the cache %s is not used: %s; let it belong to this user, writable by nobody else"
                    .formatted(folder, reason)));
    return objection.isEmpty()
        ? ChunkCache.open(folder, limit, process.clock(), warnings)
        : ChunkCache.none();
  }

  /** How much pulls keep, where so much is configured. */
  public static Limit chunkLimit(long bytes) {
    return new Limit(bytes, PART_OF_FREE);
  }

  /** What this host keeps of what it has pulled. */
  public ChunkCache chunkCache() {
    if (chunks == null) {
      chunks =
          settings.chunkBytes() == 0
              ? ChunkCache.none()
              : cacheAt(
                  StoreWiring.chunksOf(process, settings.chunkFolder()),
                  chunkLimit(settings.chunkBytes()));
    }
    return chunks;
  }

  public Puller puller() {
    return puller(progress);
  }

  Puller puller(TransferProgress told) {
    return new Puller(
        store(), images(), legacy(told), settings.retryCount(), threads(), chunkCache(), told);
  }

  /** Copies to registries. */
  public OutwardCopy outwardCopy() {
    return new OutwardCopy(store(), images(), settings.retryCount(), threads(), progress);
  }

  /** Copies from registries. */
  public InwardCopy inwardCopy() {
    Pusher pusher = pusher(false);
    return new InwardCopy(images(), pusher, progress);
  }

  /**
   * How registries are reached.
   *
   * @param plainHttp without TLS
   */
  public Access registryAccess(boolean plainHttp) {
    return new Access(
        new DockerLogins(DockerAddress.configFolder(process.environment()), process.environment()),
        plainHttp,
        settings.retryCount(),
        REGISTRY_IDLE,
        Wiring::pause,
        new Routes(
            address -> ProxyVariables.proxy(process.environment(), address), REGISTRY_AUTHORITIES));
  }

  public Inspector inspector() {
    return new Inspector(store(), images(), catalog(), settings.retryCount());
  }

  /**
   * Verifies what is stored.
   *
   * @param deep reads all bytes of the archives
   */
  public Verifier verifier(boolean deep, Consumer<Finding> findings) {
    return new Verifier(
        store(),
        images(),
        pointers(),
        catalog(),
        process.clock(),
        Wiring::pause,
        new Verifier.Reading(deep, settings.retryCount(), threads(), Verifier.AT_ONCE, progress),
        findings);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  public Referrers referrers() {
    return new Referrers(store(), pointers());
  }

  private LegacyArchives legacy() {
    return legacy(progress);
  }

  private LegacyArchives legacy(TransferProgress told) {
    return new LegacyArchives(store(), spool(process), settings.retryCount(), told);
  }

  public Cleanup cleanup() {
    return new Cleanup(store(), pointers(), auditTrail(), audit(), process.clock(), actor());
  }

  /** What this host must not be without. */
  public Map<ImageReference, String> neededHere(AppName app) {
    return new LiveReferences(store(), pointers(), auditTrail()).onHost(app, actor().host());
  }

  /** What the configuration says about how long the images of an app are kept. */
  public RetentionValues retention(AppName app) {
    return file.retentionOf(app);
  }

  /** Patterns of files that builds of an app send though git ignores them. */
  public List<String> included(AppName app) {
    return file.includedOf(app);
  }

  public AuditTrail auditTrail() {
    return new AuditTrail(store());
  }

  public AuditSearch auditSearch() {
    return new AuditSearch(store(), process.clock());
  }

  public History history() {
    return new History(auditSearch(), pointers(), catalog());
  }

  /** Brings a service live on this host; the configuration says how. */
  public Deployer deployer(Service service) {
    return deployer(
        service,
        new HostWiring(file, process),
        engine(),
        puller(progress),
        "process %d of %s".formatted(ProcessHandle.current().pid(), actor().user()),
        new DeployNotes(options, process));
  }

  /**
   * The same as another state of the configuration says.
   *
   * @param who is told to those who wait for this deployment
   */
  Deployer deployer(
      Service service,
      HostWiring host,
      DockerEngine docker,
      Puller puller,
      String who,
      DeployProgress notes) {
    DeploySettings deploySettings = host.settings(service);
    LoadBalancer loadBalancer = host.loadBalancer(service, docker::containers);
    Hooks hooks = host.hooks(service);
    host.requirePrograms(service);
    ImageProvider imageProvider =
        new ImageProvider(pointers(), catalog(), images(), platforms(), puller, docker);
    return new Deployer(
        service,
        deploySettings,
        docker.containers(),
        loadBalancer,
        hooks,
        imageProvider,
        new DeployReporter(deployments(), audit(), auditTrail()),
        host.locks(who),
        process.clock(),
        notes);
  }

  /** True if this host is configured to run the app, and has a container of it. */
  public boolean runsHere(Service service) {
    return file.deploys(service.app()) && deployer(service).isHere();
  }

  /** What runs where. */
  public Status status() {
    HostWiring host = new HostWiring(file, process);
    return new Status(
        pointers(),
        deployments(),
        actor().host(),
        engine().containers(),
        process.clock(),
        service ->
            file.deploys(service.app())
                ? Optional.of(
                    new Status.Local(
                        host.settings(service), host.loadBalancer(service, this::containers)))
                : Optional.empty());
  }

  /** What this host reports, and other hosts do. */
  public Deployments deployments() {
    return new Deployments(store(), process.clock(), actor());
  }

  private AuditLog audit() {
    return new AuditLog(store(), process.clock(), actor());
  }

  Actor actor() {
    String user =
        Optional.ofNullable(process.environment().get("USER"))
            .filter(name -> !name.isEmpty())
            .orElseGet(() -> System.getProperty("user.name", "unknown"));
    String host = file.agent().find(AgentKeys.HOST).orElseGet(Wiring::hostName);
    return new Actor(user, host, "s3dock " + new BuildInfo().version());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** Where temporary files go. */
  public static Path spool(ProcessContext process) {
    String configured = process.environment().getOrDefault("TMPDIR", "");
    return Path.of(configured.isEmpty() ? System.getProperty("java.io.tmpdir") : configured);
  }

  private int threads() {
    return settings.threads().orElseGet(() -> Runtime.getRuntime().availableProcessors());
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
