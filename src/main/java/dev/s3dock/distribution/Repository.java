package dev.s3dock.distribution;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.distribution.PublishedImages.Entry;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.Resolver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** An app as a repository of a registry: its tags, manifests and blobs. */
public final class Repository {
  /** What a tag can be (distribution-spec, "Pulling manifests"). */
  static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  private final AppName app;
  private final Resolver resolver;
  private final Pointers pointers;
  private final PublishedImages images;
  private final ImageCache cache;
  private final TagNames tags;
  private final DigestScan scan;

  Repository(
      AppName app,
      Resolver resolver,
      Pointers pointers,
      PublishedImages images,
      ImageCache cache,
      TagNames tags) {
    this.app = app;
    this.resolver = resolver;
    this.pointers = pointers;
    this.images = images;
    this.cache = cache;
    this.tags = tags;
    this.scan = new DigestScan(images, this::digests);
  }

  /**
   * A manifest, or the index of several platforms.
   *
   * @param reference a tag or a digest
   * @param userAgent of the client: a tag leads some old ones to uncompressed layers
   * @throws RefusedException {@link ErrorCode#MANIFEST_UNKNOWN}; {@link ErrorCode#NAME_UNKNOWN} if
   *     nothing of the app exists; {@link ErrorCode#DIGEST_INVALID}
   */
  public Document manifest(String reference, String userAgent) throws IOException {
    return reference.contains(":")
        ? byDigest(digest(reference))
        : byTag(reference, Clients.takesZstd(userAgent));
  }

  /**
   * Reads a digest.
   *
   * @throws RefusedException {@link ErrorCode#DIGEST_INVALID}
   */
  public static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (InvalidNameException e) {
      throw new RefusedException(
          ErrorCode.DIGEST_INVALID,
          Printable.of(text) + " is no digest: sha256: and 64 hex digits");
    }
  }

  private Document byTag(String tag, boolean takesZstd) throws IOException {
    List<Entry> platforms = platforms(tag);
    List<RepositoryImage> served = read(platforms);
    if (!served.isEmpty()) {
      return handedOut(document(served, takesZstd), served);
    }
    if (platforms.isEmpty()) {
      tags.requireRepository(app);
      throw new RefusedException(
          ErrorCode.MANIFEST_UNKNOWN, "%s has no tag %s".formatted(app, Printable.of(tag)));
    }
    throw new RefusedException(
        ErrorCode.MANIFEST_UNKNOWN,
        "%s:%s has an archive without an index, as the first s3dock writes them, or a damaged one: pull it with s3dock, or push it again"
            .formatted(app, Printable.of(tag)));
  }

  /** What a tag leads to; empty if there is no such tag. */
  private List<Entry> platforms(String tag) {
    if (!TAG.matcher(tag).matches()) {
      return List.of();
    }
    Optional<ImageReference> reference = ImageReference.ofTag(app, tag);
    if (reference.isEmpty()) {
      return pointer(tag).map(images::platforms).orElse(List.of());
    }
    List<Entry> usual = images.platforms(PublishedImages.usual(reference.get()));
    return usual.isEmpty()
        ? images.find(reference.get()).map(images::platforms).orElse(List.of())
        : usual;
  }

  private Optional<ImageKey> pointer(String tag) {
    try {
      return resolver.findFirst(app, tag).map(named -> pointers.follow(named.pointer()));
    } catch (RegistryException e) {
      throw new RefusedException(ErrorCode.MANIFEST_UNKNOWN, String.valueOf(e.getMessage()));
    }
  }

  private List<RepositoryImage> read(List<Entry> platforms) throws IOException {
    List<RepositoryImage> served = new ArrayList<>();
    for (Entry entry : platforms) {
      images.read(entry).ifPresent(served::add);
    }
    return served;
  }

  private static Document document(List<RepositoryImage> platforms, boolean takesZstd) {
    return platforms.size() == 1
        ? platforms.getFirst().manifest(takesZstd)
        : index(platforms, takesZstd);
  }

  private static Document index(List<RepositoryImage> platforms, boolean takesZstd) {
    ObjectNode index =
        Json.object().put("schemaVersion", 2).put("mediaType", ImageLayout.INDEX_TYPE);
    ArrayNode manifests = index.putArray("manifests");
    platforms.forEach(image -> image.describe(manifests.addObject(), takesZstd));
    return new Document(ImageLayout.INDEX_TYPE, Json.bytes(index));
  }

  /** All that the platforms of a commit can be asked for by. */
  private static List<Document> documents(List<RepositoryImage> platforms) {
    List<Document> documents = new ArrayList<>();
    platforms.forEach(image -> documents.addAll(image.manifests()));
    if (platforms.size() > 1) {
      documents.add(index(platforms, true));
      documents.add(index(platforms, false));
    }
    return documents;
  }

  private List<Digest> digests(List<Entry> platforms) {
    try {
      return documents(read(platforms)).stream().map(Document::digest).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Document handedOut(Document document, List<RepositoryImage> platforms) {
    cache.handedOut(document.digest(), platforms.getFirst().key().ofFirstPlatform());
    return document;
  }

  private Document byDigest(Digest digest) throws IOException {
    List<Supplier<Optional<ImageKey>>> ways =
        List.of(
            () -> cache.imageOf(app, digest),
            () -> images.ofManifest(app, digest),
            () -> scan.find(app, digest, true));
    for (Supplier<Optional<ImageKey>> way : ways) {
      Optional<Document> found = find(way.get(), digest);
      if (found.isPresent()) {
        return found.get();
      }
    }
    tags.requireRepository(app);
    throw new RefusedException(
        ErrorCode.MANIFEST_UNKNOWN, "%s has no manifest %s".formatted(app, digest));
  }

  private Optional<Document> find(Optional<ImageKey> image, Digest digest) throws IOException {
    if (image.isEmpty()) {
      return Optional.empty();
    }
    List<RepositoryImage> platforms = read(images.platforms(image.get()));
    return documents(platforms).stream()
        .filter(it -> it.digest().equals(digest))
        .findFirst()
        .map(it -> handedOut(it, platforms));
  }

  /**
   * A config or a layer.
   *
   * @throws RefusedException {@link ErrorCode#BLOB_UNKNOWN}; {@link ErrorCode#NAME_UNKNOWN} if
   *     nothing of the app exists; {@link ErrorCode#DIGEST_INVALID}
   */
  public ServedBlob blob(String text) throws IOException {
    Digest digest = digest(text);
    Optional<ServedBlob> known =
        cache.imageOf(app, digest).flatMap(cache::at).flatMap(image -> image.blob(digest));
    return known.isPresent() ? known.get() : look(digest);
  }

  /** The blob once more, after what it was to be read from is gone or another one. */
  public ServedBlob again(ServedBlob blob) throws IOException {
    cache.imageOf(app, blob.digest()).ifPresent(cache::remove);
    return look(blob.digest());
  }

  private ServedBlob look(Digest digest) throws IOException {
    Optional<ServedBlob> known = inImage(cache.imageOf(app, digest), digest);
    Optional<ServedBlob> found =
        known.isPresent() ? known : inImage(scan.find(app, digest, false), digest);
    if (found.isEmpty()) {
      tags.requireRepository(app);
    }
    return found.orElseThrow(
        () ->
            new RefusedException(
                ErrorCode.BLOB_UNKNOWN, "%s has no blob %s".formatted(app, digest)));
  }

  private Optional<ServedBlob> inImage(Optional<ImageKey> image, Digest digest) throws IOException {
    if (image.isEmpty()) {
      return Optional.empty();
    }
    return read(images.platforms(image.get())).stream()
        .flatMap(it -> it.blob(digest).stream())
        .findFirst();
  }

  /**
   * The tags, in no order: versions, environments, and stamp-hash of each image.
   *
   * @throws RefusedException {@link ErrorCode#NAME_UNKNOWN} if nothing of the app exists
   */
  public List<String> tags() {
    List<String> names = tags.of(app);
    if (names.isEmpty()) {
      tags.requireRepository(app);
    }
    return names;
  }

  /**
   * What refers to a manifest: nothing is signed or attested yet.
   *
   * @throws RefusedException {@link ErrorCode#DIGEST_INVALID}; {@link ErrorCode#NAME_UNKNOWN} if
   *     nothing of the app exists
   */
  public Document referrers(String subject) {
    digest(subject);
    tags.requireRepository(app);
    ObjectNode index =
        Json.object().put("schemaVersion", 2).put("mediaType", ImageLayout.INDEX_TYPE);
    index.putArray("manifests");
    return new Document(ImageLayout.INDEX_TYPE, Json.bytes(index));
  }
}
