package dev.s3dock.archive.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.HashingInputStream;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.image.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Writes into an OCI layout folder. Every file appears whole: it is written beside its place,
 * synced and renamed. {@code index.json} comes last, so a layout that was interrupted names no
 * image that it does not hold.
 */
final class LayoutWriter {
  private final Path directory;

  private LayoutWriter(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes the folder a layout, or finds that it is one.
   *
   * @throws DirectoryNotEmptyException if it holds something else
   */
  static LayoutWriter open(Path directory) throws IOException {
    LayoutWriter writer = new LayoutWriter(directory);
    if (Files.isDirectory(directory) && !Files.exists(directory.resolve(ImageLayout.MARKER))) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        if (files.iterator().hasNext()) {
          throw new DirectoryNotEmptyException(
              directory + " is neither empty nor an OCI image layout");
        }
      }
    }
    Files.createDirectories(directory.resolve(CanonicalTar.BLOBS));
    if (!Files.exists(directory.resolve(ImageLayout.MARKER))) {
      writer.write(ImageLayout.MARKER, new ByteArrayInputStream(ImageLayout.marker()));
    }
    return writer;
  }

  /** True if the blob is there, whole and undamaged. */
  boolean holds(Digest digest, long size) throws IOException {
    Path file = directory.resolve(CanonicalTar.blobName(digest));
    if (!Files.isRegularFile(file) || Files.size(file) != size) {
      return false;
    }
    try (HashingInputStream in = new HashingInputStream(Files.newInputStream(file))) {
      return in.finish().equals(digest);
    }
  }

  /** Writes one file of the layout, in place of what is there. */
  void write(String name, InputStream content) throws IOException {
    Path target = directory.resolve(name);
    Path parent = target.resolveSibling(".");
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileSystemException(target.toString(), null, "is no regular file; remove it");
    }
    Path temporary = Files.createTempFile(parent, ".s3dock-", ".part");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        OutputStream out = Channels.newOutputStream(channel);
        content.transferTo(out);
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Adds the image's documents, and makes the layout's index name it. */
  void finish(ImageLayout image) throws IOException {
    for (Map.Entry<String, byte[]> blob : image.blobs().entrySet()) {
      write(blob.getKey(), new ByteArrayInputStream(blob.getValue()));
    }
    sync(directory.resolve(CanonicalTar.BLOBS));
    write(ImageLayout.INDEX, new ByteArrayInputStream(Json.bytes(indexWith(image.descriptor()))));
    sync(directory);
  }

  private ObjectNode indexWith(ObjectNode descriptor) throws IOException {
    Path file = directory.resolve(ImageLayout.INDEX);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return ImageLayout.index(descriptor); // what else it is, write() says
    }
    JsonNode before = Json.parse(Files.readAllBytes(file), file.toString());
    if (!(before instanceof ObjectNode index)) {
      throw new CorruptArchiveException(file + " is no OCI index");
    }
    ArrayNode manifests = Json.object().arrayNode();
    for (JsonNode other : index.path("manifests")) {
      if (!name(other).equals(name(descriptor))) {
        manifests.add(other);
      }
    }
    index.set("manifests", manifests.add(descriptor));
    return index;
  }

  private static String name(JsonNode descriptor) {
    JsonNode annotations = descriptor.path("annotations");
    return annotations
        .path(ImageLayout.NAME_ANNOTATION)
        .asText(annotations.path(ImageLayout.TAG_ANNOTATION).asText());
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
