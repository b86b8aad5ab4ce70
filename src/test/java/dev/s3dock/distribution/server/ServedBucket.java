package dev.s3dock.distribution.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.distribution.BlobReader;
import dev.s3dock.distribution.ReadOnlyStore;
import dev.s3dock.distribution.Repositories;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Manifests;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A bucket in memory, and a server in front of it. */
public final class ServedBucket implements AutoCloseable {
  public static final AppName APP = new AppName("my-app");
  public static final ImageReference FIRST = image("20250720-0800-1234567");
  public static final ImageReference SECOND = image("20250721-0800-7654321");
  private static final int RETRIES = 1;
  private static final long MEMORY = 32 << 20;

  public final MemoryObjectStore store = new MemoryObjectStore();
  private final Clock clock = Clock.systemUTC();
  private final Path spool;
  private final PushingBucket bucket;
  private final List<AccessRecord> log = new CopyOnWriteArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Optional<DistributionServer> server = Optional.empty();
  private ChunkCache cache = ChunkCache.none();
  private Optional<ObjectStore> asked = Optional.empty();

  public ServedBucket(Path spool) {
    this.spool = spool;
    this.bucket = new PushingBucket(store, spool);
  }

  static ImageReference image(String tag) {
    return ImageReference.ofTag(APP, tag).orElseThrow();
  }

  /** Layers of so many bytes that cannot be compressed. */
  public static ImageSpec large(int seed, int... sizes) {
    ImageSpec image = ImageSpec.empty();
    Random random = new Random(seed);
    for (int size : sizes) {
      byte[] content = new byte[size];
      random.nextBytes(content);
      image = image.withFile("file-" + size, content);
    }
    return image;
  }

  public ServedBucket with(ImageReference reference, ImageSpec image) throws IOException {
    bucket.push(reference, image);
    return this;
  }

  ServedBucket withZstd(ImageReference reference, ImageSpec image) throws IOException {
    bucket.pushWith("zstd:3", reference, image);
    return this;
  }

  ServedBucket promoted(ImageReference reference, String environment) {
    Pointers pointers = pointers(store);
    new Promotions(images(), pointers, new Catalog(store, pointers), audit())
        .promote(reference, new Environment(environment), Optional.empty());
    return this;
  }

  ServedBucket promoted(ImageReference reference, String version, String environment) {
    Pointers pointers = pointers(store);
    new Promotions(images(), pointers, new Catalog(store, pointers), audit())
        .promote(
            reference.app(), new Version(version), new Environment(environment), Optional.empty());
    return this;
  }

  /** Writes a pointer beside its own folder's others as the original would, under another name. */
  ServedBucket originals(ObjectKey pointer, String name) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode document =
        (ObjectNode) mapper.readTree(store.get(pointer, 1 << 16).orElseThrow().content());
    document.remove("write_id");
    store.put(
        new ObjectKey(pointer.value().replaceAll("[^/]+\\.json$", name + ".json")),
        mapper.writeValueAsBytes(document),
        Precondition.none());
    return this;
  }

  /** Copies an object as it is. */
  ServedBucket copied(ObjectKey from, ObjectKey to) {
    store.put(to, store.get(from, 1 << 16).orElseThrow().content(), Precondition.none());
    return this;
  }

  ServedBucket tagged(ImageReference reference, String version) {
    new Tags(images(), pointers(store), audit()).tag(reference, new Version(version), false);
    return this;
  }

  private AuditLog audit() {
    return new AuditLog(store, clock, actor());
  }

  private static Actor actor() {
    return new Actor("tester", "host-1", "s3dock test");
  }

  public Images images() {
    return new Images(store, clock);
  }

  private Pointers pointers(ObjectStore shown) {
    return new Pointers(shown, new Images(shown, clock), clock, actor());
  }

  /** Makes an image as one that was pushed before blobs had digests. */
  public ServedBucket older(ImageReference reference) {
    rewriteIndex(
        reference,
        index -> {
          index.remove(List.of("manifest", "config"));
          index.path("layers").forEach(layer -> ((ObjectNode) layer).remove("blob"));
          return index;
        });
    return this;
  }

  void rewriteIndex(ImageReference reference, UnaryOperator<ObjectNode> change) {
    rewrite(
        reference,
        document -> {
          document.set("archive", change.apply((ObjectNode) document.path("archive")));
          return document;
        });
  }

  /** Changes the metadata of an image. */
  void rewrite(ImageReference reference, UnaryOperator<ObjectNode> change) {
    ObjectKey key = published(reference).key().metadata();
    try {
      ObjectMapper mapper = new ObjectMapper();
      byte[] before = store.get(key, 1 << 24).orElseThrow().content();
      ObjectNode after = change.apply((ObjectNode) mapper.readTree(before));
      store.put(key, mapper.writeValueAsBytes(after), Precondition.none());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Published published(ImageReference reference) {
    return images().require(reference);
  }

  public ArchiveIndex index(ImageReference reference) {
    return PublishedIndex.of(published(reference)).orElseThrow();
  }

  public byte[] archive(ImageReference reference) {
    return store.get(published(reference).archive(), 1 << 30).orElseThrow().content();
  }

  /** Copies what there is into another store, which is served instead. */
  ServedBucket outOf(ObjectStore other) {
    store
        .contents()
        .forEach((key, content) -> other.put(new ObjectKey(key), content, Precondition.none()));
    asked = Optional.of(other);
    return this;
  }

  /** Listens, with the usual settings. */
  public ServedBucket serve() throws IOException {
    return serve(it -> it);
  }

  ServedBucket serve(UnaryOperator<ServerSettings> change, AppName... apps) throws IOException {
    return serve(change, Optional.empty(), Optional.empty(), apps);
  }

  public ServedBucket serve(
      UnaryOperator<ServerSettings> change,
      Optional<ServerTls> tls,
      Optional<Htpasswd> users,
      AppName... apps)
      throws IOException {
    ServerMetrics metrics = new ServerMetrics();
    ReadOnlyStore shown = new ReadOnlyStore(asked.orElse(store), metrics::asked);
    Images images = new Images(shown, clock);
    BlobReader.Caching caching = new BlobReader.Caching(cache, metrics::looked);
    BlobReader blobs = new BlobReader(shown, images, spool, caching, RETRIES, MEMORY);
    open.add(blobs);
    Repositories repositories =
        new Repositories(
            shown,
            images,
            new Manifests(shown, clock),
            pointers(shown),
            apps.length == 0 ? Optional.empty() : Optional.of(Set.of(apps)),
            RETRIES);
    ServerSettings settings =
        ServerSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls, users)
            .withGrace(Duration.ofMinutes(1));
    server =
        Optional.of(
            DistributionServer.start(
                change.apply(settings),
                new DistributionServer.Parts(repositories, blobs, metrics, log::add, clock)));
    return this;
  }

  /** Keeps what is fetched, once it serves. */
  ServedBucket caching(ChunkCache chunks) {
    cache = chunks;
    return this;
  }

  DistributionServer server() {
    return server.orElseThrow();
  }

  public int port() {
    return server().address().getPort();
  }

  /** What was answered so far. */
  List<AccessRecord> log() {
    return log;
  }

  /** A connection, for what no client sends. */
  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout((int) Duration.ofMinutes(1).toMillis());
    return socket;
  }

  public URI uri(String path) {
    return URI.create(server().uri() + path);
  }

  public HttpResponse<byte[]> get(String path, String... headers) throws IOException {
    return send("GET", path, headers);
  }

  HttpResponse<byte[]> send(String method, String path, String... headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return http.send(request.build(), BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode json(HttpResponse<byte[]> answer) {
    try {
      return new ObjectMapper().readTree(answer.body());
    } catch (IOException e) {
      throw new AssertionError(
          new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8), e);
    }
  }

  /** The code of an error. */
  static String code(HttpResponse<byte[]> answer) {
    return json(answer).path("errors").path(0).path("code").asText();
  }

  static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  static String path(AppName app, String kind, Object what) {
    return "/v2/%s/%s/%s".formatted(app, kind, what);
  }

  /** Where a blob of the app is. */
  public static String blobPath(String digest) {
    return path(APP, "blobs", digest);
  }

  static String blob(Digest digest) {
    return path(APP, "blobs", digest);
  }

  static String manifest(Object reference) {
    return path(APP, "manifests", reference);
  }

  @Override
  public void close() throws IOException {
    try {
      if (server.isPresent()) {
        server.get().close();
      }
      for (AutoCloseable each : open) {
        each.close();
      }
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    http.close();
  }
}
