package dev.s3dock.testing.engine;

import dev.s3dock.image.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A small image for tests.
 *
 * @param layers from the base up: content by file name
 * @param labels of the image config
 */
public record ImageSpec(
    List<SequencedMap<String, byte[]>> layers, Map<String, String> labels, Platform platform) {
  public static ImageSpec empty() {
    return new ImageSpec(List.of(), Map.of(), Platform.parse("linux/amd64"));
  }

  /** Two layers, a few bytes each. */
  public static ImageSpec small() {
    return empty().withFile("etc/os-release", "NAME=test\n").withFile("app/run", "#!/bin/sh\n");
  }

  /** With one more layer, of one file. */
  public ImageSpec withFile(String name, byte[] content) {
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    files.put(name, content);
    return withLayer(files);
  }

  /** With one more layer, of one file. */
  public ImageSpec withFile(String name, String content) {
    return withFile(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** With one more layer. */
  public ImageSpec withLayer(SequencedMap<String, byte[]> files) {
    List<SequencedMap<String, byte[]>> more = new ArrayList<>(layers);
    more.add(files);
    return new ImageSpec(more, labels, platform);
  }

  public ImageSpec withLabel(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(labels);
    more.put(key, value);
    return new ImageSpec(layers, more, platform);
  }

  public ImageSpec withPlatform(String name) {
    return new ImageSpec(layers, labels, Platform.parse(name));
  }
}
