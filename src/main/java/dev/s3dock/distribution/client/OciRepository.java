package dev.s3dock.distribution.client;

import dev.s3dock.distribution.client.DistributionException.Kind;
import dev.s3dock.distribution.client.Exchange.Content;
import dev.s3dock.http.Response;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;

/**
 * A repository of a registry (OCI distribution specification 1.1). For several threads.
 *
 * <p>Its methods throw {@link DistributionException} where the registry does not do what it must.
 */
public final class OciRepository implements AutoCloseable {
  /** Largest manifest that is read, in bytes: what the specification asks registries to take. */
  public static final int MAX_MANIFEST = 4 << 20;

  private static final String ACCEPTED =
      String.join(
          ", ",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.docker.distribution.manifest.v2+json");
  private static final String BYTES = "application/octet-stream";

  private final Exchange exchange;

  private OciRepository(Exchange exchange) {
    this.exchange = exchange;
  }

  /** To read from. Nothing is asked before it is needed. */
  public static OciRepository reading(RegistryReference reference, Access access) {
    return new OciRepository(new Exchange(reference, access, "pull"));
  }

  /** To write to. */
  public static OciRepository writing(RegistryReference reference, Access access) {
    return new OciRepository(new Exchange(reference, access, "pull,push"));
  }

  /**
   * A manifest or an index, as it was sent.
   *
   * @param digest of the bytes, which are those that were asked for where a digest was
   */
  @SuppressWarnings("ArrayRecordComponent") // identified by its digest, never compared
  public record Manifest(String mediaType, Digest digest, byte[] bytes) {}

  /**
   * A manifest by its tag or digest.
   *
   * @throws DistributionException {@link Kind#NOT_FOUND} if there is none
   */
  public Manifest manifest(String tagOrDigest) {
    URI address = exchange.address("manifests/" + tagOrDigest);
    try (Response response = get(address);
        InputStream body = response.body()) {
      if (response.status() != 200) {
        throw exchange.failed(response, "has no manifest " + tagOrDigest);
      }
      byte[] bytes = body.readNBytes(MAX_MANIFEST + 1);
      if (bytes.length > MAX_MANIFEST) {
        throw new DistributionException(
            Kind.INTEGRITY,
            "%s sent a manifest %s of more than %d bytes, the most that one may have"
                .formatted(exchange.reference().name(), tagOrDigest, MAX_MANIFEST));
      }
      Digest digest = Digest.of(bytes);
      if (tagOrDigest.contains(":") && !tagOrDigest.equals(digest.toString())) {
        throw wrong("manifest " + tagOrDigest, digest);
      }
      return new Manifest(response.header("Content-Type").orElse(""), digest, bytes);
    } catch (IOException e) {
      throw exchange.unreachable(e);
    }
  }

  private Response get(URI address) {
    return exchange.send("GET", address, request -> request.header("Accept", ACCEPTED));
  }

  private DistributionException wrong(String what, Digest digest) {
    return new DistributionException(
        Kind.INTEGRITY,
        "%s sent other bytes for %s, with the digest %s; nothing of it was used: tell whoever runs the registry"
            .formatted(exchange.reference().name(), what, digest));
  }

  /** True if the tag or digest leads to a manifest with this digest. */
  public boolean hasManifest(String tagOrDigest, Digest digest) {
    URI address = exchange.address("manifests/" + tagOrDigest);
    try (Response response =
        exchange.send("HEAD", address, request -> request.header("Accept", ACCEPTED))) {
      return response.status() == 200
          && response.header("Docker-Content-Digest").equals(Optional.of(digest.toString()));
    } catch (IOException e) {
      throw exchange.unreachable(e);
    }
  }

  /** True if the repository has a blob. */
  public boolean hasBlob(Digest digest) {
    try (Response response =
        exchange.send("HEAD", exchange.address("blobs/" + digest), Content.NONE)) {
      if (response.status() == 403) {
        throw exchange.denied(response);
      }
      return response.status() == 200;
    } catch (IOException e) {
      throw exchange.unreachable(e);
    }
  }

  /**
   * A blob as a stream, which goes on where a connection breaks off. Its bytes are not verified.
   *
   * @param size bytes; it has no more and no fewer
   */
  public InputStream open(Digest digest, long size) {
    return new BlobStream(exchange, digest, size);
  }

  /** A blob, verified. */
  public byte[] blob(Digest digest, int size) {
    try (InputStream in = open(digest, size)) {
      byte[] bytes = in.readAllBytes();
      if (!Digest.of(bytes).equals(digest)) {
        throw wrong("blob " + digest, Digest.of(bytes));
      }
      return bytes;
    } catch (IOException e) {
      throw exchange.unreachable(e);
    }
  }

  /** Opens what is to be sent, at its beginning. */
  @FunctionalInterface
  public interface Source {
    /** Opens it; called once for each try. */
    InputStream open() throws IOException;
  }

  /**
   * What an upload has come to.
   *
   * @param sent bytes; 0 if the registry had it elsewhere, and mounted it
   */
  public record Upload(long sent) {}

  /**
   * Sends a blob that the repository does not have.
   *
   * @throws IOException what the source throws
   */
  public Upload upload(Digest digest, long size, Source source) throws IOException {
    return new BlobUpload(exchange, digest, size).run(source);
  }

  /** Puts a manifest under a tag or its digest; what it names must be there. */
  public void putManifest(String tagOrDigest, String mediaType, byte[] bytes) {
    URI address = exchange.address("manifests/" + tagOrDigest);
    try (Response response =
        exchange.send("PUT", address, request -> request.content(bytes, mediaType))) {
      if (response.status() != 201) {
        throw exchange.failed(response, "does not take the manifest " + tagOrDigest);
      }
    } catch (IOException e) {
      throw exchange.unreachable(e);
    }
  }

  static String contentType() {
    return BYTES;
  }

  @Override
  public void close() {
    exchange.close();
  }
}
