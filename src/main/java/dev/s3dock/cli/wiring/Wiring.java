package dev.s3dock.cli.wiring;

import dev.s3dock.archive.Compression;
import dev.s3dock.cli.invocation.BuildInfo;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.StatusLine;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.DeployNotes;
import dev.s3dock.cli.render.Paint;
import dev.s3dock.cli.render.ProgressBars;
import dev.s3dock.cli.render.RequestNotes;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.ProxyVariables;
import dev.s3dock.config.RetentionValues;
import dev.s3dock.config.Settings;
import dev.s3dock.config.Trust;
import dev.s3dock.deploy.DeployReporter;
import dev.s3dock.deploy.Deployer;
import dev.s3dock.deploy.ImageProvider;
import dev.s3dock.deploy.Status;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.doctor.BucketChecks;
import dev.s3dock.doctor.EngineChecks;
import dev.s3dock.doctor.Role;
import dev.s3dock.engine.docker.DockerEngine;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
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
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.RequestListener;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.file.FileObjectStore;
import dev.s3dock.store.s3.AwsProfile;
import dev.s3dock.store.s3.ConditionalWrites;
import dev.s3dock.store.s3.Credentials;
import dev.s3dock.store.s3.S3ObjectStore;
import dev.s3dock.store.s3.S3Route;
import dev.s3dock.store.s3.S3Settings;
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
import java.net.URI;
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
  private static final String FILE_SCHEME = "file:";
  private static final URI AMAZON = URI.create("https://s3.amazonaws.com");

  /** A folder that does not exist and cannot be made: a cache there stays empty. */
  private static final Path NOWHERE = Path.of("/dev/null/s3dock");

  private final GlobalOptions options;
  private final ProcessContext process;
  private final ConfigFile file;
  private final Settings settings;
  private final TransferProgress progress;
  private final Optional<RequestNotes> requests;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable ObjectStore store;
  private @Nullable DockerEngine engine;
  private boolean warnedOfCache;

  Wiring(GlobalOptions options) {
    this.options = options;
    this.process = options.process();
    this.file = ConfigFile.load(options.configFile(), process.workingDirectory(), process.home());
    if (!options.quiet) {
      file.warnings().forEach(this::warn);
    }
    this.settings = Settings.resolve(file, options.flags(), process.environment());
    options.configured(settings.logLevel());
    this.progress = ProgressBars.of(options, process);
    this.requests =
        options.showsEverything() ? Optional.of(new RequestNotes(process)) : Optional.empty();
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

  ObjectStore store() {
    if (store == null) {
      String bucket = settings.bucket().orElseThrow(UsageException::noBucket);
      store = bucket.startsWith(FILE_SCHEME) ? fileStore(bucket) : s3Store(bucket);
      open.push(store);
    }
    return store;
  }

  /** Where S3 is: as configured, or as the AWS CLI's configuration has it; empty at Amazon. */
  public Optional<URI> endpoint() {
    return settings.endpoint().or(() -> AwsProfile.ofProcess().endpoint());
  }

  private static FileObjectStore fileStore(String bucket) {
    try {
      return FileObjectStore.open(Path.of(URI.create(bucket)));
    } catch (IllegalArgumentException e) {
      throw UsageException.malformedFolder(bucket);
    }
  }

  private ObjectStore s3Store(String bucket) {
    return s3Store(bucket, settings.retryCount());
  }

  private S3ObjectStore s3Store(String bucket, int retries) {
    String name = bucket.startsWith("s3://") ? bucket.substring("s3://".length()) : bucket;
    return S3ObjectStore.open(
        new S3Settings(
            name.endsWith("/") ? name.substring(0, name.length() - 1) : name,
            endpoint(),
            settings.region(),
            settings
                .credentials()
                .map(c -> new Credentials(c.accessKey(), c.secretKey(), c.sessionToken())),
            retries,
            settings.conditionalWritesOff() ? ConditionalWrites.OFF : ConditionalWrites.REQUIRED,
            ownCache().resolve("stores.json"),
            new S3Route(proxy(), certificates())),
        requests.<RequestListener>map(it -> it).orElse(RequestListener.NONE));
  }

  /** The proxy on the way to S3; empty if there is none. */
  public Optional<URI> proxy() {
    return ProxyVariables.proxy(process.environment(), endpoint().orElse(AMAZON));
  }

  /** The file of the authorities that S3's certificate is checked by; empty for the runtime's. */
  public Optional<Path> certificates() {
    return Optional.ofNullable(process.environment().get("AWS_CA_BUNDLE"))
        .filter(file -> !file.isEmpty())
        .map(process.workingDirectory()::resolve)
        .or(() -> AwsProfile.ofProcess().certificates());
  }

  /** The checks of the bucket, which repeat little of what fails. */
  public BucketChecks bucketChecks(String bucket, Role role, Optional<String> credentials) {
    ObjectStore examined;
    StoreCapabilities probe;
    if (bucket.startsWith(FILE_SCHEME)) {
      FileObjectStore folder = fileStore(bucket);
      examined = folder;
      probe = folder.probe();
    } else {
      S3ObjectStore s3 = s3Store(bucket, Math.min(settings.retryCount(), 1));
      examined = s3;
      probe = s3.probe();
    }
    open.push(examined);
    Pointers read =
        new Pointers(examined, new Images(examined, process.clock()), process.clock(), actor());
    return new BucketChecks(
        examined,
        probe,
        read,
        new Catalog(examined, read),
        role,
        settings.conditionalWritesOff(),
        credentials,
        process.clock());
  }

  /** Where s3dock keeps what it can do without. */
  public static Path cache(ProcessContext process) {
    String configured = process.environment().getOrDefault("XDG_CACHE_HOME", "");
    Path base = configured.isEmpty() ? process.home().resolve(".cache") : Path.of(configured);
    return base.resolve("s3dock");
  }

  /** The cache, or a place where nothing can be kept if somebody else could have filled it. */
  private Path ownCache() {
    Path cache = cache(process);
    Optional<String> objection = Trust.objection(cache);
    if (objection.isEmpty()) {
      return cache;
    }
    if (!warnedOfCache && !options.quiet) {
      warnedOfCache = true;
      warn(
          "the cache %s is not used: %s; let it belong to this user, writable by nobody else, or set XDG_CACHE_HOME"
              .formatted(cache, objection.get()));
    }
    return NOWHERE;
  }

  public DockerEngine engine() {
    if (engine == null) {
      engine = DockerEngine.connect(process.environment(), settings.dockerTimeout());
      open.push(engine);
    }
    return engine;
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

  public Catalog catalog() {
    return new Catalog(store(), pointers());
  }

  public Tags tags() {
    return new Tags(images(), pointers(), audit());
  }

  public Promotions promotions() {
    return new Promotions(images(), pointers(), catalog(), audit());
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
            ownCache(),
            settings.cacheBytes());
    return new Pusher(
        store(), images(), audit(), legacy(), catalog(), process.clock(), packing, progress);
  }

  public Puller puller() {
    return new Puller(store(), images(), legacy(), settings.retryCount(), threads(), progress);
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
    return new LegacyArchives(store(), spool(process), settings.retryCount(), progress);
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
    HostWiring host = new HostWiring(file, process);
    ImageProvider imageProvider =
        new ImageProvider(pointers(), catalog(), images(), platforms(), puller(), engine());
    return new Deployer(
        service,
        host.settings(service),
        engine().containers(),
        host.loadBalancer(service),
        host.hooks(service),
        imageProvider,
        new DeployReporter(deployments(), audit(), auditTrail()),
        host.locks(actor().user()),
        process.clock(),
        new DeployNotes(options, process));
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
        service ->
            file.deploys(service.app())
                ? Optional.of(new Status.Local(host.settings(service), host.loadBalancer(service)))
                : Optional.empty());
  }

  private Deployments deployments() {
    return new Deployments(store(), process.clock(), actor());
  }

  private AuditLog audit() {
    return new AuditLog(store(), process.clock(), actor());
  }

  private Actor actor() {
    String user =
        Optional.ofNullable(process.environment().get("USER"))
            .filter(name -> !name.isEmpty())
            .orElseGet(() -> System.getProperty("user.name", "unknown"));
    return new Actor(user, hostName(), "s3dock " + new BuildInfo().version());
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
    process.err().println(Paint.YELLOW.onErr("warning:", process) + " " + text);
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
