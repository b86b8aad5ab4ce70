package dev.s3dock.transfer.pull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EngineInfo;
import dev.s3dock.engine.PullWatch;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.transfer.SavedEngine;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** An engine with a graph driver that pulls as Docker does, or fails on the way, or loads. */
final class PullingEngine extends SavedEngine {
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> names = new ConcurrentHashMap<>();
  private final Set<Digest> known = new HashSet<>();
  private final List<EngineImage> held = new ArrayList<>();
  private final List<String> tarred = new ArrayList<>();
  private final List<Digest> received = new ArrayList<>();
  private final EngineImage image;
  private final ImageReference reference;
  private final Fault fault;
  private volatile boolean interrupted;

  /** What goes wrong. */
  enum Fault {
    NONE,
    /** It does not get through to this machine. */
    REFUSED,
    /** Somebody else listens there, and says nothing. */
    SILENCE,
    /** It is gone in the middle of a layer, and stays so. */
    CUT_OFF,
    /** It says that it has pulled, and has not. */
    LIE,
    FULL
  }

  PullingEngine(ImageReference reference, ImageSpec spec, Fault fault) {
    super(reference.toString(), PushingBucket.saved(spec, reference));
    this.reference = reference;
    this.fault = fault;
    this.image = image(spec, List.of());
  }

  private static EngineImage image(ImageSpec spec, List<String> references) {
    BuiltImage built = new BuiltImage(spec);
    return new EngineImage(
        built.imageId().toString(),
        references,
        spec.platform(),
        built.diffIds(),
        Instant.EPOCH,
        Map.of());
  }

  /** It has another image, which it has loaded: so it does not know these layers by digest. */
  void holds(ImageSpec spec) {
    held.add(image(spec, List.of("other:1")));
  }

  /** It knows these layers, since it has pulled them. */
  void knows(List<Digest> layers) {
    known.addAll(layers);
  }

  /** True if a pull that had come to nothing was ended. */
  boolean wasInterrupted() {
    return interrupted;
  }

  /** The layers that it has pulled, by their digests. */
  List<Digest> received() {
    return received;
  }

  /** What it was given in tars: names of entries. */
  List<String> tarred() {
    return tarred;
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public EngineInfo info() {
    return new EngineInfo(
        "20.10", "1.41", image.platform(), EngineInfo.ImageStore.GRAPH_DRIVER, "overlay2", "");
  }

  @Override
  public Optional<EngineImage> inspect(String name) {
    return Optional.ofNullable(names.get(name)).map(id -> image);
  }

  @Override
  public void pull(String name, Platform platform, PullWatch watch) {
    switch (fault) {
      case REFUSED -> throw new EngineException(Kind.FAILED, "connection refused");
      case SILENCE -> {
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          interrupted = true;
          throw new EngineException(Kind.UNAVAILABLE, "interrupted", e);
        }
      }
      case FULL -> throw new EngineException(Kind.NO_SPACE, "the disk is full");
      case LIE -> names.put(name, "sha256:other");
      case NONE, CUT_OFF -> {
        try {
          pull(name, watch);
        } catch (IOException e) {
          throw new EngineException(Kind.FAILED, "unexpected EOF", e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new EngineException(Kind.FAILED, "interrupted", e);
        }
      }
    }
  }

  private void pull(String name, PullWatch watch) throws IOException, InterruptedException {
    String repository = "http://" + name.substring(0, name.indexOf('@')).replaceFirst("/", "/v2/");
    byte[] manifest = get(repository + "/manifests/" + name.substring(name.indexOf('@') + 1));
    JsonNode read = new ObjectMapper().readTree(manifest);
    Digest config = Digest.parse(read.path("config").path("digest").asText());
    requireRight(config, get(repository + "/blobs/" + config));
    for (JsonNode layer : read.path("layers")) {
      Digest digest = Digest.parse(layer.path("digest").asText());
      if (known.contains(digest)) {
        watch.present(digest.hex().substring(0, 12));
      } else {
        requireRight(digest, get(repository + "/blobs/" + digest));
        received.add(digest);
        watch.unpacked(layer.path("size").asLong());
      }
    }
    names.put(name, config.toString());
  }

  private byte[] get(String at) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(at)).build();
    if (fault == Fault.CUT_OFF && at.contains("/blobs/")) {
      try (InputStream body = http.send(request, BodyHandlers.ofInputStream()).body()) {
        body.readNBytes(1000);
      }
      throw gone();
    }
    return http.send(request, BodyHandlers.ofByteArray()).body();
  }

  private static EngineException gone() {
    return new EngineException(Kind.UNAVAILABLE, "cannot reach the engine");
  }

  private static void requireRight(Digest digest, byte[] blob) throws IOException {
    if (!Digest.of(blob).equals(digest)) {
      throw new IOException("filesystem layer verification failed for digest " + digest);
    }
  }

  @Override
  public void load(InputStream tar, ByteProgress progress) {
    if (fault == Fault.CUT_OFF) {
      throw gone();
    }
    try {
      byte[] block = new byte[512];
      while (tar.readNBytes(block, 0, block.length) == block.length && block[0] != 0) {
        String entry = new String(block, 0, 100, java.nio.charset.StandardCharsets.US_ASCII).trim();
        tarred.add(entry);
        String octal =
            new String(block, 124, 11, java.nio.charset.StandardCharsets.US_ASCII).trim();
        tar.skipNBytes((Long.parseLong(octal, 8) + 511) / 512 * 512);
      }
      tar.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    names.put(reference.toString(), image.id());
  }

  @Override
  public void tag(String imageId, String name) {
    if (!names.containsValue(imageId)) {
      throw new EngineException(Kind.NOT_FOUND, "no such image " + imageId);
    }
    names.put(name, imageId);
  }

  @Override
  public void removeTag(String name) {
    names.remove(name);
  }

  @Override
  public Set<String> references() {
    return names.keySet();
  }

  @Override
  public Set<String> references(String name) {
    return names.keySet();
  }

  @Override
  public List<EngineImage> images(AppName first, int most) {
    return held;
  }
}
