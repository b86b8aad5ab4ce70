package dev.s3dock.archive.oci;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How an image wants to be run, as its config says (OCI image-spec config.md). What the config does
 * not say is empty.
 *
 * @param created RFC 3339, as written
 * @param environmentNames of the variables; their values may be secrets, and are not kept
 * @param ports such as {@code 8080/tcp}
 */
public record ImageSettings(
    String created,
    List<String> entrypoint,
    List<String> command,
    List<String> environmentNames,
    List<String> ports,
    String user,
    String workingDirectory,
    SortedMap<String, String> labels) {
  public ImageSettings {
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    environmentNames = List.copyOf(environmentNames);
    ports = List.copyOf(ports);
    labels = new TreeMap<>(labels);
  }

  /**
   * Reads the bytes of an image config.
   *
   * @throws CorruptArchiveException if they are no JSON
   */
  public static ImageSettings parse(byte[] config) throws CorruptArchiveException {
    JsonNode document = Json.parse(config, "image config");
    JsonNode run = document.path("config");
    SortedMap<String, String> labels = new TreeMap<>();
    for (Map.Entry<String, JsonNode> label : run.path("Labels").properties()) {
      labels.put(label.getKey(), text(label.getValue()));
    }
    return new ImageSettings(
        text(document.path("created")),
        texts(run.path("Entrypoint")),
        texts(run.path("Cmd")),
        texts(run.path("Env")).stream().map(ImageSettings::name).toList(),
        run.path("ExposedPorts").properties().stream().map(Map.Entry::getKey).sorted().toList(),
        text(run.path("User")),
        text(run.path("WorkingDir")),
        labels);
  }

  private static String name(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }

  private static String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : "";
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    if (array.isArray()) {
      array.forEach(item -> texts.add(text(item)));
    }
    return texts;
  }
}
