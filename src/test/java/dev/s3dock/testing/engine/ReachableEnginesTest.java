package dev.s3dock.testing.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.ContainerSpec.Publication;
import dev.s3dock.engine.Containers;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That tests can talk to containers: of both engines at once, in both ways at once. */
@Tag("engine")
class ReachableEnginesTest {
  @TempDir Path temp;

  @Test
  void containers_of_two_engines_answer_at_their_addresses_and_at_published_ports()
      throws Exception {
    List<TestEngine> engines = List.of(Engines.reachable20(), Engines.reachable26());
    List<URI> addresses = new ArrayList<>();
    List<String> pages = new ArrayList<>();
    Map<String, Containers> made = new HashMap<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (TestEngine engine : engines) {
        String page = "page of engine " + engines.indexOf(engine);
        engine.helloImage(temp, "reachable:1", page);
        Containers containers = engine.engine().containers();
        int port = LoadBalancers.freePort();
        String id = containers.create(publishing("reachable", port));
        made.put(id, containers);
        containers.start(id);
        String address = containers.inspect(id).orElseThrow().addresses().get("bridge");
        addresses.add(URI.create("http://" + address + ":8080/"));
        addresses.add(URI.create("http://127.0.0.1:" + port + "/"));
        pages.addAll(List.of(page, page));
      }
      for (int i = 0; i < addresses.size(); i++) {
        URI address = addresses.get(i);
        String page = Eventually.value("an answer of " + address, () -> get(client, address));
        assertThat(page).isEqualTo(pages.get(i));
      }
      assertThat(addresses).hasSize(4).doesNotHaveDuplicates();
    } finally {
      made.forEach((id, containers) -> containers.remove(id));
    }
  }

  @Test
  void a_port_that_a_program_of_the_machine_has_is_told() throws IOException {
    for (TestEngine engine : List.of(Engines.reachable20(), Engines.reachable26())) {
      engine.helloImage(temp, "reachable:1", "page");
      Containers containers = engine.engine().containers();
      try (ServerSocket program = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        String id = containers.create(publishing("blocked", program.getLocalPort()));
        try {
          assertThatThrownBy(() -> containers.start(id))
              .hasMessageContaining("blocked: 127.0.0.1:" + program.getLocalPort() + " is in use");
        } finally {
          containers.remove(id);
        }
      }
    }
  }

  /** A bridge that changes its MAC address cuts off for seconds whoever has learnt the old one. */
  @Test
  void the_gateway_keeps_its_mac_address_while_containers_come_and_go() throws IOException {
    for (TestEngine engine : List.of(Engines.reachable20(), Engines.reachable26())) {
      engine.helloImage(temp, "reachable:1", "page");
      Containers containers = engine.engine().containers();
      List<String> made = new ArrayList<>();
      Set<String> seen = new TreeSet<>();
      try {
        for (int i = 0; i < 4; i++) {
          String id = containers.create(publishing("neighbour" + i, LoadBalancers.freePort()));
          made.add(id);
          containers.start(id);
          seen.add(macOfGateway(containers.inspect(id).orElseThrow().addresses().values()));
        }
      } finally {
        made.forEach(containers::remove);
      }
      assertThat(seen).hasSize(1);
    }
  }

  private static String macOfGateway(Collection<String> addresses) throws IOException {
    String container = addresses.iterator().next();
    InetAddress gateway = InetAddress.getByName(container.replaceFirst("\\.\\d+$", ".1"));
    NetworkInterface bridge = NetworkInterface.getByInetAddress(gateway);
    return HexFormat.of().formatHex(bridge.getHardwareAddress());
  }

  private static ContainerSpec publishing(String name, int port) {
    return new ContainerSpec(
        name,
        "reachable:1",
        Map.of(),
        Plain.options(),
        Optional.of(new Publication("127.0.0.1", port, 8080)));
  }

  /** Empty while nobody listens. */
  private static Optional<String> get(HttpClient client, URI address) {
    try {
      HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofMinutes(1)).build();
      return Optional.of(client.send(request, BodyHandlers.ofString()).body());
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
