package dev.s3dock.cli.fault;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.cli.User;
import dev.s3dock.distribution.server.ServedBucket;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.Scratch;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket of S3Mock with a past of a year, and what is done in it while a proxy spoils requests:
 * three images, the second of which is in production, where the first was before.
 */
public final class FaultyBucket {
  public static final String FIRST = "my-app:20250620-1045-def5678";
  public static final String SECOND = "my-app:20250721-2118-f7a5a27";
  public static final String THIRD = "my-app:20250801-0900-abc1234";
  private static final String NEW = "my-app:20250802-1000-1234567";
  private static final String OTHER = "my-app:20250701-1000-7654321";

  private static final Map<S3Server, S3Client> CLIENTS = new ConcurrentHashMap<>();

  /** What objects of a state say; a state is the MD5 of what was put. */
  private static final Map<String, JsonNode> CONTENTS = new ConcurrentHashMap<>();

  private static final Pattern LAST_MODIFIED = Pattern.compile("<LastModified>(\\d{4})-");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What is typed, and how it shows that it is done.
   *
   * @param reads true if it leaves the bucket as it is
   */
  public record Command(
      String name, Function<FaultyBucket, List<String>> words, Check check, boolean reads) {
    /** True if it replaces a published image. */
    boolean replaces() {
      return name.equals("push over another one");
    }

    /** S3Mock removes an object when an upload to its key is aborted; S3 and S3Proxy do not. */
    S3Server server() {
      return replaces() ? S3Servers.s3Proxy() : S3Servers.s3Mock();
    }

    String[] line(FaultyBucket bucket) {
      return words.apply(bucket).toArray(String[]::new);
    }

    void requireDone(FaultyBucket bucket, String what) throws IOException {
      if (!check.holds(bucket)) {
        throw new AssertionError("not done: " + what);
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private interface Check {
    boolean holds(FaultyBucket bucket) throws IOException;
  }

  private static Command reading(String... words) {
    return new Command(String.join(" ", words), bucket -> List.of(words), bucket -> true, true);
  }

  private static Command writing(Check check, String... words) {
    return new Command(String.join(" ", words), bucket -> List.of(words), check, false);
  }

  private static Command pushing(String name, String reference, String change) {
    return new Command(
        name,
        bucket -> List.of("push", reference, "--from", bucket.image(reference, change).toString()),
        bucket -> bucket.has(archive(reference)),
        false);
  }

  public static final List<Command> COMMANDS =
      List.of(
          pushing("push a new one", NEW, "new"),
          pushing("push what is there", SECOND, "f7a5a27"),
          pushing("push over another one", THIRD, "other"),
          new Command(
              "copy from a registry",
              bucket -> List.of("copy", Registry.IMAGE, NEW),
              bucket -> bucket.has(archive(NEW)),
              false),
          new Command(
              "pull",
              bucket -> List.of("pull", "my-app", "production", "--to", bucket.target().toString()),
              bucket -> Files.exists(bucket.target()),
              true),
          writing(bucket -> bucket.leads("tags/my-app/v2.0.0.json", THIRD), "tag", THIRD, "v2.0.0"),
          writing(
              bucket -> bucket.leads("tags/my-app/v1.0.0.json", THIRD),
              "tag",
              THIRD,
              "v1.0.0",
              "--move"),
          writing(
              bucket -> bucket.leads("pointers/my-app/production.json", THIRD),
              "promote",
              THIRD,
              "production"),
          writing(
              bucket -> bucket.isWithdrawn("tags/my-app/v1.0.0.json"),
              "remove",
              "version",
              "my-app",
              "v1.0.0",
              "--yes"),
          writing(
              bucket -> bucket.isWithdrawn("pointers/my-app/production.json"),
              "remove",
              "env",
              "my-app",
              "production",
              "--yes"),
          writing(
              // after a fault, the rest is for the cleanup in a quarter of an hour
              bucket -> !bucket.has(archive(OTHER)) || !bucket.keys("cleanup/").isEmpty(),
              "cleanup",
              "my-app",
              "--keep-last",
              "1",
              "--apply"),
          reading("list", "images", "my-app"),
          reading("list", "envs", "my-app"),
          reading("current", "my-app", "production"),
          reading("audit", "my-app"),
          reading("history", "my-app", "production"),
          reading("inspect", SECOND));

  /** One for all, which is asked without a detour. */
  private static final class Registry {
    private static final String IMAGE = started();

    private Registry() {}

    private static String started() {
      try {
        ServedBucket registry =
            new ServedBucket(Scratch.untilExit("registry"))
                .with(ServedBucket.FIRST, ImageSpec.small().withFile("etc/motd", "copied"))
                .serve(); // until the JVM ends
        return "127.0.0.1:%d/my-app:%s".formatted(registry.port(), ServedBucket.FIRST.tag());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The objects of a bucket that has seen all this, by key. */
  private static final Map<String, byte[]> PAST = past();

  private final Path folder;
  private final S3Server server;
  private final S3Client client;
  private final String name;
  private final Path target;

  public FaultyBucket(Path folder) {
    this(folder, S3Servers.s3Mock());
  }

  public FaultyBucket(Path folder, S3Server server) {
    this.folder = folder;
    this.server = server;
    this.client = CLIENTS.computeIfAbsent(server, S3Servers::client);
    this.name = S3Servers.newBucket(server);
    this.target = folder.resolve("pulled.tar.gz");
    putAll();
  }

  private FaultyBucket(Path folder, FaultyBucket other) {
    this.folder = folder;
    this.server = other.server;
    this.client = other.client;
    this.name = other.name;
    this.target = folder.resolve("pulled.tar.gz");
  }

  /** The same bucket, used from another folder. */
  public FaultyBucket from(Path other) {
    return new FaultyBucket(other, this);
  }

  private static Map<String, byte[]> past() {
    try (Scratch scratch = Scratch.open()) {
      Path folder = scratch.folder();
      String store = folder.resolve("store").toUri().toString();
      User user = new User(folder).with("S3DOCK_BUCKET", store);
      for (String reference : List.of(FIRST, OTHER, SECOND, THIRD)) {
        Path image = saved(folder, reference, reference.substring(reference.length() - 7));
        user.s3dock("push", reference, "--from", image.toString()).ok();
      }
      user.s3dock("tag", FIRST, "v1.0.0").ok();
      user.s3dock("promote", FIRST, "production").ok();
      user.s3dock("promote", SECOND, "production").ok();
      return objects(folder.resolve("store"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path saved(Path folder, String reference, String change) {
    return TestImages.dockerSave(
        folder.resolve(change + ".tar"), ImageSpec.small().withFile("etc/motd", change), reference);
  }

  private static Map<String, byte[]> objects(Path store) throws IOException {
    Map<String, byte[]> objects = new TreeMap<>();
    try (Stream<Path> files = Files.walk(store)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String key = store.relativize(file).toString();
        if (!key.startsWith(".s3dock")) {
          objects.put(key, Files.readAllBytes(file));
        }
      }
    }
    return objects;
  }

  /** The archive first; its metadata then name the state that it has here. */
  private void putAll() {
    Map<String, String> states = new HashMap<>();
    PAST.forEach(
        (key, content) -> {
          if (key.endsWith(".tar.gz")) {
            states.put(key, put(key, content));
          }
        });
    PAST.forEach(
        (key, content) -> {
          if (key.startsWith("images/") && key.endsWith(".json")) {
            put(key, restated(content, states.getOrDefault(archiveBeside(key), "")));
          } else if (!key.endsWith(".tar.gz")) {
            put(key, content);
          }
        });
  }

  private static String archiveBeside(String metadata) {
    return metadata.replaceFirst("json$", "tar.gz");
  }

  private static byte[] restated(byte[] metadata, String state) {
    ObjectNode document = (ObjectNode) json(metadata);
    ((ObjectNode) document.get("archive")).put("object_etag", state);
    return document.toString().getBytes(UTF_8);
  }

  private static JsonNode json(byte[] content) {
    try {
      return JSON.readTree(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String put(String key, byte[] content) {
    return client
        .putObject(request -> request.bucket(name).key(key), RequestBody.fromBytes(content))
        .eTag()
        .replace("\"", "");
  }

  /**
   * In front of the bucket. To those who ask, all but the journals is a year older than it is: an
   * object that is younger than a day would not be removed.
   */
  public FaultProxy proxy() throws IOException {
    FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint());
    proxy.rewrite(
        request -> request.target().contains("list-type=2") && !isOfJournals(request),
        FaultyBucket::aged);
    return proxy;
  }

  private static boolean isOfJournals(FaultProxy.Request request) {
    return request.target().contains("prefix=cleanup");
  }

  private static String aged(String answer) {
    Matcher time = LAST_MODIFIED.matcher(answer);
    return time.replaceAll(
        found -> "<LastModified>%04d-".formatted(Integer.parseInt(found.group(1)) - 1));
  }

  /** Somebody whose requests are tried again so often. */
  public User user(FaultProxy proxy, int retries) throws IOException {
    User user =
        new User(folder)
            .with("S3DOCK_BUCKET", name)
            .with("AWS_ENDPOINT_URL", proxy.endpoint().toString())
            .with("AWS_REGION", server.region())
            .with("AWS_ACCESS_KEY_ID", server.accessKey())
            .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{defaults: {retry_count: %d}}".formatted(retries));
    return user;
  }

  public Path image(String reference, String change) {
    return saved(folder, reference, change);
  }

  private Path target() {
    return target;
  }

  private static String archive(String reference) {
    String tag = reference.substring(reference.indexOf(':') + 1);
    return "images/my-app/%s/my-app-%s.tar.gz".formatted(tag.substring(0, 6), tag);
  }

  public List<String> keys(String prefix) {
    return listed(prefix).map(S3Object::key).toList();
  }

  private Stream<S3Object> listed(String prefix) {
    return client
        .listObjectsV2Paginator(request -> request.bucket(name).prefix(prefix))
        .contents()
        .stream();
  }

  /** Each object as a listing shows it: key, ETag and time. */
  public List<String> state() {
    return listed("")
        .map(object -> object.key() + " " + object.eTag() + " " + object.lastModified())
        .toList();
  }

  public boolean has(String key) {
    return keys(key).contains(key);
  }

  public void remove(String key) {
    client.deleteObject(request -> request.bucket(name).key(key));
  }

  /** The metadata that a cleanup has marked or being deleted. */
  public List<String> marked() {
    return keys("images/").stream()
        .filter(key -> key.endsWith(".json") && json(get(key)).hasNonNull("tombstone"))
        .toList();
  }

  /**
   * Answers listings from now on as they would be answered now.
   *
   * @param lacks start of the keys that they leave out; empty for none
   */
  public void stale(FaultProxy proxy, String listing, String lacks) {
    StringBuilder answer = new StringBuilder("<ListBucketResult>");
    for (String key : keys("images/")) {
      if (lacks.isEmpty() || !key.startsWith(lacks)) {
        answer.append(asListed(key));
      }
    }
    answer.append("<IsTruncated>false</IsTruncated></ListBucketResult>");
    proxy.spoil(
        Integer.MAX_VALUE,
        request -> request.target().contains("list-type=2") && request.target().contains(listing),
        new Fault.Answer(200, Map.of("Content-Type", "application/xml"), answer.toString()));
  }

  private String asListed(String key) {
    HeadObjectResponse head = client.headObject(request -> request.bucket(name).key(key));
    return "<Contents><Key>%s</Key><LastModified>2025-08-02T00:00:00Z</LastModified><ETag>%s</ETag><Size>%d</Size></Contents>"
        .formatted(key, head.eTag(), head.contentLength());
  }

  public static Fault error(int status, String code) {
    return new Fault.Answer(
        status,
        Map.of("Content-Type", "application/xml"),
        "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, code));
  }

  private byte[] get(String key) {
    return client.getObjectAsBytes(request -> request.bucket(name).key(key)).asByteArray();
  }

  private boolean isWithdrawn(String pointer) {
    return json(get(pointer)).hasNonNull("tombstone");
  }

  private boolean leads(String pointer, String reference) {
    return json(get(pointer)).path("target_path").asText().equals(archive(reference));
  }

  /**
   * What must hold of the bucket: who follows a pointer comes to an image, what is published has
   * its archive in the state that its index names, and every event can be read.
   */
  public void requireSound(String what) {
    Map<String, S3Object> objects = new TreeMap<>();
    listed("").forEach(object -> objects.put(object.key(), object));
    for (S3Object object : objects.values()) {
      String key = object.key();
      if (key.startsWith("images/") && key.endsWith(".json")) {
        requireWhole(object, Optional.ofNullable(objects.get(archiveBeside(key))), what);
      } else if (key.startsWith("pointers/") || key.startsWith("tags/")) {
        requireLeading(object, objects, what);
      } else if (key.startsWith("audit/") && !content(object).has("event_type")) {
        throw new AssertionError(key + " is no event: " + what);
      }
    }
  }

  /** Each state of an object is read once: most are those that the bucket began with. */
  private JsonNode content(S3Object object) {
    return CONTENTS.computeIfAbsent(object.eTag(), _ -> json(get(object.key())));
  }

  private void requireLeading(S3Object pointer, Map<String, S3Object> objects, String what) {
    JsonNode document = content(pointer);
    if (document.hasNonNull("tombstone")) {
      return;
    }
    String archive = document.path("target_path").asText();
    S3Object metadata = objects.get(archive.replaceFirst("tar.gz$", "json"));
    if (metadata == null || content(metadata).hasNonNull("tombstone")) {
      throw new AssertionError(pointer.key() + " leads to no image: " + what);
    }
  }

  private void requireWhole(S3Object metadata, Optional<S3Object> archive, String what) {
    JsonNode document = content(metadata);
    if (document.hasNonNull("tombstone")) {
      return;
    }
    boolean saidSo = what.contains("pulls report damage");
    if (saidSo && keys("archive/").stream().anyMatch(key -> key.endsWith(".tar.gz"))) {
      return;
    }
    if (archive.isEmpty()) {
      throw new AssertionError(metadata.key() + " has no archive: " + what);
    }
    String state = document.at("/archive/object_etag").asText();
    if (!archive.get().eTag().replace("\"", "").equals(state)
        || archive.get().size() != document.path("size").asLong()) {
      throw new AssertionError(metadata.key() + " is of another archive: " + what);
    }
  }
}
