package dev.s3dock.transfer.push;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EnginePush;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.transfer.SavedEngine;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * An engine that pushes its image layer by layer, from the top, as Docker 20.10 does, or as one
 * with the containerd store does: blobs whole, the config before the layers, and the manifest,
 * whose digest is the image's ID. Or one that lies.
 */
public final class PushingEngine extends SavedEngine {
  private final BuiltImage image;
  private final Set<String> names = new ConcurrentSkipListSet<>();
  private final Lie lie;
  private final boolean containerd;
  private int uploads;

  /** What is wrong with it. */
  public enum Lie {
    NONE,
    OTHER_LAYER,
    CUT_LAYER,
    NO_GZIP,
    OTHER_CONFIG,
    NO_CONFIG,
    OTHER_MANIFEST,
    ERROR
  }

  public PushingEngine(String name, ImageSpec spec, Lie lie) {
    this(name, spec, lie, false);
  }

  public PushingEngine(String name, ImageSpec spec, Lie lie, boolean containerd) {
    super(name, PushingBucket.saved(spec, ImageReference.parse(name)));
    this.image = new BuiltImage(spec);
    this.lie = lie;
    this.containerd = containerd;
  }

  private byte[] manifest(byte[] config) {
    return "{\"schemaVersion\": 2, \"config\": {\"digest\": \"%s\"}}"
        .formatted(Digest.of(config))
        .getBytes(UTF_8);
  }

  @Override
  public Optional<EngineImage> inspect(String reference) {
    return super.inspect(reference)
        .map(
            held ->
                containerd
                    ? new EngineImage(
                        Digest.of(manifest(image.configBytes())).toString(),
                        held.references(),
                        held.platform(),
                        held.diffIds(),
                        held.created(),
                        held.labels())
                    : held);
  }

  /** How many layers were asked for, or read in part. */
  int uploads() {
    return uploads;
  }

  @Override
  public boolean handsOutLayers() {
    return true;
  }

  @Override
  public long layerBytes(String reference) {
    return image.layers().stream().mapToLong(layer -> layer.length).sum();
  }

  @Override
  public void tag(String imageId, String reference) {
    names.add(reference);
  }

  @Override
  public void removeTag(String reference) {
    names.remove(reference);
  }

  @Override
  public Set<String> references() {
    return names;
  }

  @Override
  public EnginePush push(String reference) {
    return new Push(reference);
  }

  private final class Push implements EnginePush {
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI repository;

    Push(String reference) {
      int path = reference.indexOf('/');
      this.repository =
          URI.create(
              "http://%s/v2%s/blobs/"
                  .formatted(
                      reference.substring(0, path),
                      reference.substring(path, reference.lastIndexOf(':'))));
    }

    @Override
    public Optional<String> await() {
      try {
        return push();
      } catch (IOException e) {
        return Optional.of("connection lost");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.of("interrupted");
      }
    }

    private Optional<String> push() throws IOException, InterruptedException {
      if (lie == Lie.ERROR) {
        return Optional.of("connection refused");
      }
      List<byte[]> layers = new ArrayList<>(image.layers());
      if (lie == Lie.OTHER_LAYER) {
        layers.set(layers.size() - 1, layers.getLast().clone());
        layers.getLast()[600] ^= 1;
      }
      byte[] config =
          lie == Lie.OTHER_CONFIG ? "{\"os\": \"x\"}".getBytes(UTF_8) : image.configBytes();
      if (containerd && lie != Lie.NO_CONFIG) {
        upload(config);
      }
      for (byte[] layer : layers.reversed()) {
        upload(stored(layer));
      }
      if (!containerd && lie != Lie.NO_CONFIG) {
        upload(config);
      }
      if (containerd) {
        byte[] other = lie == Lie.OTHER_MANIFEST ? stored(layers.getFirst()) : config;
        send("PUT", URI.create(repository.resolve("manifests/1").toString()), manifest(other));
      }
      return Optional.empty();
    }

    private byte[] stored(byte[] layer) {
      byte[] gzip = Packaging.GZIP.apply(layer);
      return switch (lie) {
        case CUT_LAYER -> Arrays.copyOf(gzip, gzip.length / 2);
        case NO_GZIP -> new byte[10];
        default -> gzip;
      };
    }

    private void upload(byte[] blob) throws IOException, InterruptedException {
      Digest digest = Digest.of(blob);
      if (send("HEAD", URI.create(repository + digest.toString()), new byte[0]).statusCode()
          == 200) {
        return;
      }
      uploads++;
      HttpResponse<InputStream> begun = send("POST", repository.resolve("uploads/"), new byte[0]);
      URI at = repository.resolve(begun.headers().firstValue("Location").orElseThrow());
      if (!containerd) {
        send("PATCH", at, blob);
      }
      send("PUT", URI.create(at + "?digest=" + digest), containerd ? blob : new byte[0]);
    }

    /** As Docker does, goes on when the head of the answer is there, and ends the upload. */
    private HttpResponse<InputStream> send(String method, URI at, byte[] body)
        throws IOException, InterruptedException {
      HttpResponse<InputStream> response =
          http.send(
              HttpRequest.newBuilder(at).method(method, BodyPublishers.ofByteArray(body)).build(),
              BodyHandlers.ofInputStream());
      response.body().close();
      return response;
    }

    @Override
    public void close() {
      http.shutdownNow();
    }
  }
}
