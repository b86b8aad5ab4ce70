package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.ProxyVariables;
import dev.s3dock.config.Settings;
import dev.s3dock.config.Trust;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.RequestListener;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.file.FileObjectStore;
import dev.s3dock.store.s3.ConditionalWrites;
import dev.s3dock.store.s3.S3ObjectStore;
import dev.s3dock.store.s3.S3Settings;
import dev.s3dock.store.s3.access.Addressing;
import dev.s3dock.store.s3.access.AwsProfile;
import dev.s3dock.store.s3.access.CredentialRoute;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.store.s3.access.S3Route;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way to the bucket: the settings, the AWS CLI's own, and the variables of the process. */
public final class StoreWiring {
  private static final String FILE_SCHEME = "file:";

  /** A folder that does not exist and cannot be made: a cache there stays empty. */
  private static final Path NOWHERE = Path.of("/dev/null/s3dock");

  private static final Path OF_ROOT = Path.of("/var/cache/s3dock");

  private final ProcessContext process;
  private final Settings settings;
  private final Consumer<String> warnings;
  private final RequestListener requests;
  private @Nullable Path cache;

  /**
   * Opens nothing yet.
   *
   * @param warnings is told what a user should know of and the command can do without
   * @param requests is told of each request to S3
   */
  StoreWiring(
      ProcessContext process,
      Settings settings,
      Consumer<String> warnings,
      RequestListener requests) {
    this.process = process;
    this.settings = settings;
    this.warnings = warnings;
    this.requests = requests;
  }

  /** A bucket that is examined, and what tries out what its store can do. */
  record Examined(ObjectStore store, StoreCapabilities capabilities) {}

  /** The bucket; a folder that is not there is an error. */
  ObjectStore open(String bucket) {
    return bucket.startsWith(FILE_SCHEME)
        ? FileObjectStore.openExisting(folder(bucket))
        : s3(bucket, settings.retryCount());
  }

  /** The bucket, for a push: a folder is made if it is not there. */
  ObjectStore openToFill(String bucket) {
    return bucket.startsWith(FILE_SCHEME) ? FileObjectStore.open(folder(bucket)) : open(bucket);
  }

  /** The bucket, for checks: little of what fails is repeated. */
  Examined examined(String bucket) {
    if (bucket.startsWith(FILE_SCHEME)) {
      FileObjectStore folder = FileObjectStore.openExisting(folder(bucket));
      return new Examined(folder, folder.probe());
    }
    S3ObjectStore s3 = s3(bucket, Math.min(settings.retryCount(), 1));
    return new Examined(s3, s3.probe());
  }

  private static Path folder(String bucket) {
    try {
      return Path.of(URI.create(bucket));
    } catch (IllegalArgumentException e) {
      throw UsageException.malformedFolder(bucket);
    }
  }

  private S3ObjectStore s3(String bucket, int retries) {
    Optional<Path> authorities = certificates();
    CredentialRoute.use(
        address -> new S3Route(ProxyVariables.proxy(process.environment(), address), authorities));
    return S3ObjectStore.open(
        new S3Settings(
            BucketAddress.name(bucket),
            endpoint(),
            settings.region(),
            settings
                .credentials()
                .map(c -> new Credentials(c.accessKey(), c.secretKey(), c.sessionToken())),
            retries,
            settings.conditionalWritesOff() ? ConditionalWrites.OFF : ConditionalWrites.REQUIRED,
            cache().resolve("stores.json"),
            new S3Route(proxy(), certificates(), addressing())),
        requests);
  }

  private Addressing addressing() {
    return settings
        .addressing()
        .or(() -> AwsProfile.ofProcess().addressing())
        .map(Addressing::of)
        .orElse(Addressing.AUTO);
  }

  /** Where the bucket stands in the addresses of requests, for a person. */
  public String bucketPlace(String bucket, URI endpoint) {
    return addressing().inPath(BucketAddress.name(bucket), endpoint)
        ? "in the path"
        : "in the host name";
  }

  /** Where S3 is: as configured, or as the AWS CLI's configuration has it; empty at Amazon. */
  public Optional<URI> endpoint() {
    return settings.endpoint().or(() -> AwsProfile.ofProcess().endpoint());
  }

  /** The proxy on the way to S3; empty if there is none. */
  public Optional<URI> proxy() {
    String region = settings.region().map(it -> "." + it).orElse("");
    URI amazon = URI.create("https://s3%s.amazonaws.com".formatted(region));
    return ProxyVariables.proxy(process.environment(), endpoint().orElse(amazon));
  }

  /** The file of the authorities that S3's certificate is checked by; empty for the runtime's. */
  public Optional<Path> certificates() {
    return Optional.ofNullable(process.environment().get("AWS_CA_BUNDLE"))
        .filter(file -> !file.isEmpty())
        .map(process.workingDirectory()::resolve)
        .or(() -> AwsProfile.ofProcess().certificates());
  }

  /** The cache, or a place where nothing can be kept if somebody else could have filled it. */
  Path cache() {
    if (cache == null) {
      Path folder = cacheOf(process);
      Optional<String> objection = Trust.objection(folder);
      objection.ifPresent(
          reason ->
              warnings.accept(
                  "the cache %s is not used: %s; let it belong to this user, writable by nobody else, or set XDG_CACHE_HOME"
                      .formatted(folder, reason)));
      cache = objection.isEmpty() ? folder : NOWHERE;
    }
    return cache;
  }

  /**
   * Where pulls keep chunks.
   *
   * @param configured as the file says it; empty for the usual place: one for the whole host if
   *     this is root at home, else the user's
   */
  public static Path chunksOf(ProcessContext process, Optional<String> configured) {
    if (configured.isPresent()) {
      String text = configured.get();
      return text.startsWith("~/") ? process.home().resolve(text.substring(2)) : Path.of(text);
    }
    boolean usual = process.environment().getOrDefault("XDG_CACHE_HOME", "").isEmpty();
    return usual && isRoot(process) ? OF_ROOT : cacheOf(process).resolve("chunks");
  }

  /** Root with the home of somebody else is somebody else. */
  private static boolean isRoot(ProcessContext process) {
    return "root".equals(System.getProperty("user.name"))
        && process.home().equals(Path.of(System.getProperty("user.home", "")));
  }

  /** Where s3dock keeps what it can do without. */
  public static Path cacheOf(ProcessContext process) {
    String configured = process.environment().getOrDefault("XDG_CACHE_HOME", "");
    Path base = configured.isEmpty() ? process.home().resolve(".cache") : Path.of(configured);
    return base.resolve("s3dock");
  }
}
