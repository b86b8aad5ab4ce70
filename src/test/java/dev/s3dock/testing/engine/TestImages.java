package dev.s3dock.testing.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.TestTar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Small images on disk, in every form that engines and tools write. No engine is needed. */
public final class TestImages {
  private TestImages() {}

  /** As Docker 25 and later save it: an OCI layout with Docker's manifest.json, in a tar. */
  public static Path dockerSave(Path target, ImageSpec spec, String reference) {
    return write(target, TestTar.of(dockerSaveFiles(spec, reference)));
  }

  /** As Docker up to 24 saves it: one folder per layer, a repeated layer as a symbolic link. */
  public static Path legacyDockerSave(Path target, ImageSpec spec, String reference) {
    return write(target, legacyDockerSave(spec, reference));
  }

  /** An OCI layout in a tar, with layers stored plain or compressed. */
  public static Path ociArchive(
      Path target, ImageSpec spec, String reference, Packaging layerPackaging) {
    return write(target, TestTar.of(ociFiles(spec, reference, layerPackaging)));
  }

  /** An OCI layout folder, with layers stored plain or compressed. */
  public static Path ociLayout(
      Path directory, ImageSpec spec, String reference, Packaging layerPackaging) {
    ociFiles(spec, reference, layerPackaging)
        .forEach((name, content) -> write(directory.resolve(name), content));
    return directory;
  }

  /** The file again, compressed as a whole. */
  public static Path packaged(Path target, Path file, Packaging packaging) {
    try {
      return write(target, packaging.apply(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Files of {@link #dockerSave}, to be changed before they are written. */
  public static SequencedMap<String, byte[]> dockerSaveFiles(ImageSpec spec, String reference) {
    BuiltImage image = new BuiltImage(spec);
    SequencedMap<String, byte[]> files = builtFiles(Map.of(reference, image), Packaging.PLAIN);
    List<String> names = image.diffIds().stream().map(BuiltImage::blob).toList();
    ObjectNode entry = image.dockerEntry(BuiltImage.blob(image.configBytes()), reference, names);
    files.put("manifest.json", BuiltImage.array(List.of(entry)));
    return files;
  }

  /** Files of {@link #ociArchive}, to be changed before they are written. */
  public static SequencedMap<String, byte[]> ociFiles(
      ImageSpec spec, String reference, Packaging layerPackaging) {
    return ociFiles(Map.of(reference, spec), layerPackaging);
  }

  /** Several images in one OCI layout, by reference; an index of platforms has empty references. */
  public static SequencedMap<String, byte[]> ociFiles(
      Map<String, ImageSpec> specs, Packaging layerPackaging) {
    Map<String, BuiltImage> images = new LinkedHashMap<>();
    specs.forEach((reference, spec) -> images.put(reference, new BuiltImage(spec)));
    return builtFiles(images, layerPackaging);
  }

  private static SequencedMap<String, byte[]> builtFiles(
      Map<String, BuiltImage> images, Packaging layerPackaging) {
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    List<ObjectNode> descriptors = new ArrayList<>();
    images.forEach(
        (reference, image) -> {
          SequencedMap<String, byte[]> blobs = image.ociBlobs(layerPackaging);
          files.putAll(blobs);
          descriptors.add(image.ociDescriptor(blobs.lastEntry().getValue(), reference));
        });
    files.put("index.json", BuiltImage.ociIndex(descriptors));
    files.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
    return files;
  }

  private static byte[] legacyDockerSave(ImageSpec spec, String reference) {
    BuiltImage image = new BuiltImage(spec);
    List<String> ids = new ArrayList<>();
    TreeMap<String, Integer> sorted = new TreeMap<>();
    for (int i = 0; i < image.layers().size(); i++) {
      ids.add(Digest.of(utf8("v1 id " + i + image.imageId())).hex());
      sorted.put(ids.get(i), i);
    }
    TestTar tar = new TestTar();
    Map<Digest, String> first = new HashMap<>();
    sorted.forEach(
        (id, i) -> {
          byte[] layer = image.layers().get(i);
          tar.directory(id).file(id + "/VERSION", utf8("1.0"));
          tar.file(id + "/json", utf8("{\"id\":\"" + id + "\"}"));
          String holder = first.putIfAbsent(Digest.of(layer), id);
          if (holder == null) {
            tar.file(id + "/layer.tar", layer);
          } else {
            tar.symlink(id + "/layer.tar", "../" + holder + "/layer.tar");
          }
        });
    List<String> names = ids.stream().map(id -> id + "/layer.tar").toList();
    String config = image.imageId().hex() + ".json";
    tar.file(config, image.configBytes());
    tar.file(
        "manifest.json", BuiltImage.array(List.of(image.dockerEntry(config, reference, names))));
    return tar.file("repositories", utf8("{}")).end();
  }

  private static Path write(Path target, byte[] content) {
    try {
      Files.createDirectories(target.toAbsolutePath().resolve("..").normalize());
      return Files.write(target, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
