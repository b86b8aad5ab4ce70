package dev.s3dock.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Container.Health;
import dev.s3dock.engine.Container.State;
import dev.s3dock.engine.ContainerSpec.Publication;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the answer of {@code GET /containers/{id}/json}. */
final class ContainerJson {
  private static final String TCP = "/tcp";

  private ContainerJson() {}

  static Container read(JsonNode container) {
    JsonNode state = container.path("State");
    return new Container(
        container.path("Id").asText(),
        name(container),
        container.path("Config").path("Image").asText(),
        container.path("Image").asText(),
        labels(container),
        state(state),
        date(container.path("Created")).orElse(Instant.EPOCH),
        date(state.path("StartedAt")),
        date(state.path("FinishedAt")),
        state.path("ExitCode").asInt(),
        state.path("OOMKilled").asBoolean(),
        container.path("RestartCount").asInt(),
        health(state),
        addresses(container),
        published(container));
  }

  /** Words that other engines have beside Docker's are told by whether there is a process. */
  private static State state(JsonNode state) {
    return switch (state.path("Status").asText()) {
      case "created" -> State.CREATED;
      case "running" -> State.RUNNING;
      case "paused" -> State.PAUSED;
      case "restarting" -> State.RESTARTING;
      case "removing" -> State.REMOVING;
      case "exited" -> State.EXITED;
      case "dead" -> State.DEAD;
      default -> state.path("Running").asBoolean() ? State.RUNNING : State.EXITED;
    };
  }

  /** The engine puts a slash before it. */
  static String name(JsonNode container) {
    String name = container.path("Name").asText();
    return name.startsWith("/") ? name.substring(1) : name;
  }

  static Map<String, String> labels(JsonNode container) {
    Map<String, String> labels = new LinkedHashMap<>();
    container
        .path("Config")
        .path("Labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    return labels;
  }

  private static Health health(JsonNode state) {
    return switch (state.path("Health").path("Status").asText()) {
      case "starting" -> Health.STARTING;
      case "healthy" -> Health.HEALTHY;
      case "unhealthy" -> Health.UNHEALTHY;
      default -> Health.NONE;
    };
  }

  /** Go writes the year 1 for a date that is not set. */
  private static Optional<Instant> date(JsonNode text) {
    try {
      Instant date = OffsetDateTime.parse(text.asText()).toInstant();
      return Optional.of(date).filter(it -> it.isAfter(Instant.EPOCH));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Map<String, String> addresses(JsonNode container) {
    Map<String, String> addresses = new LinkedHashMap<>();
    container
        .path("NetworkSettings")
        .path("Networks")
        .properties()
        .forEach(
            network -> {
              String ip4 = network.getValue().path("IPAddress").asText();
              String ip6 = network.getValue().path("GlobalIPv6Address").asText();
              String address = ip4.isEmpty() ? ip6 : ip4;
              if (!address.isEmpty()) {
                addresses.put(network.getKey(), address);
              }
            });
    return addresses;
  }

  private static List<Publication> published(JsonNode container) {
    List<Publication> published = new ArrayList<>();
    boolean bound = container.path("State").path("Running").asBoolean();
    (bound
            ? container.path("NetworkSettings").path("Ports")
            : container.path("HostConfig").path("PortBindings"))
        .properties()
        .forEach(
            port -> {
              if (port.getKey().endsWith(TCP)) {
                int inside = Integer.parseInt(port.getKey().replace(TCP, ""));
                port.getValue().forEach(to -> publication(to, inside).ifPresent(published::add));
              }
            });
    return published;
  }

  /** One that the engine will choose is not known yet. */
  private static Optional<Publication> publication(JsonNode binding, int inside) {
    int port = binding.path("HostPort").asInt();
    String ip = binding.path("HostIp").asText();
    return port == 0
        ? Optional.empty()
        : Optional.of(new Publication(ip.isEmpty() ? "0.0.0.0" : ip, port, inside));
  }
}
