package dev.s3dock.cli.deploy;

import dev.s3dock.cli.User;
import dev.s3dock.engine.Container;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.LoadBalancers.Daemon;
import dev.s3dock.testing.Manual;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A host with a network namespace of its own, in which its engine, its HAProxy and its agent run.
 * It meets the others at the bucket only. No interface leads out: a socket file leads to the S3
 * server and another one from the users to the load balancer, since a path is the same in all
 * namespaces.
 */
final class NamespacedHost implements AutoCloseable {
  /** Of 127.0.0.1 in the host's own network. */
  private static final int FRONT = 8000;

  private static final int S3 = 9000;

  final String name;
  final TestEngine engine;
  final Path log;
  private final Path folder;
  private final Daemon haproxy;
  private final User user;
  private @Nullable Process agent;

  /**
   * Starts engine and load balancer.
   *
   * @param s3Socket that leads to the S3 server
   */
  NamespacedHost(String name, Path work, Path s3Socket) {
    this.name = name;
    this.folder = LoadBalancers.folder("host");
    this.engine = Engines.another20(name);
    this.user = new User(work.resolve(name)).with(engine.environment());
    this.log = work.resolve(name + ".log");
    this.haproxy = haproxy(s3Socket);
  }

  private Daemon haproxy(Path s3Socket) {
    String text = Manual.block("traffic-haproxy.md", "haproxy");
    text = Manual.replace(text, "/run/haproxy/admin.sock", admin().toString());
    text = text.replace("/var/lib/haproxy", folder.resolve("state").toString());
    text =
        Manual.replace(
            text, "bind :80", "bind 127.0.0.1:%d\n    bind unix@%s".formatted(FRONT, front()));
    text +=
        "\nlisten bucket\n    mode tcp\n    bind 127.0.0.1:%d\n    server s3 unix@%s\n"
            .formatted(S3, s3Socket);
    try {
      Files.createDirectories(folder.resolve("state"));
      Files.writeString(folder.resolve("state/server-state"), "1\n");
      Path file = Files.writeString(folder.resolve("haproxy.cfg"), text);
      List<String> command =
          Stream.concat(
                  engine.inNetwork().stream(),
                  Stream.of(LoadBalancers.program("haproxy"), "-W", "-f", file.toString()))
              .toList();
      return Daemon.start(command, folder, () -> Files.exists(admin()) && Files.exists(front()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path admin() {
    return folder.resolve("admin.sock");
  }

  /** Where its users come in. */
  Path front() {
    return folder.resolve("front.sock");
  }

  /** Who works on this host; the bucket is asked through its network. */
  User user() {
    return user;
  }

  /** Writes the configuration of its agent, for one app. */
  void configure(String app, String ofAgent, String times) {
    String json5 =
        ("{ agent: { apps: { '%s': ['production'] }, host: '%s', %s }, deploy: { '%s': { port: 8080, %s,"
                + " traffic: { driver: 'haproxy', backend: 'app', socket: '%s', state_file: '%s', url: 'http://127.0.0.1:%d/up' } } } }")
            .formatted(
                app,
                name,
                ofAgent,
                app,
                times,
                admin(),
                folder.resolve("state/server-state"),
                FRONT);
    try {
      Files.writeString(user.workingDirectory().resolve("s3dock.json5"), json5);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets its agent run, in a process of its own. */
  void follow(String bucket) {
    user.with("S3DOCK_BUCKET", bucket)
        .with("AWS_ENDPOINT_URL", "http://127.0.0.1:" + S3)
        .with("S3DOCK_LOCK_DIR", folder.toString());
    agent = user.start(engine.inNetwork(), 200, log, "agent");
  }

  long agentPid() {
    Process running = agent;
    if (running == null || !running.isAlive()) {
      throw new AssertionError("the agent of %s has ended: %s".formatted(name, said()));
    }
    return running.pid();
  }

  /** The log of its agent. */
  String said() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** True if it has tried to bring this image live. */
  boolean hasTried(String reference) {
    return said().contains(" deploying " + reference);
  }

  /** True if it says that this image is live. */
  boolean isLive(String reference) {
    return said()
        .lines()
        .filter(line -> line.contains(" live ") || line.contains(" deploying "))
        .toList()
        .reversed()
        .stream()
        .findFirst()
        .filter(line -> line.contains(" live " + reference))
        .isPresent();
  }

  /** When the first container of this image was started; empty if there is none. */
  Optional<Instant> started(String app, String reference) {
    return engine.engine().containers().list(Map.of("dev.s3dock.app", app)).stream()
        .filter(it -> reference.equals(it.labels().get("dev.s3dock.image")))
        .map(Container::id)
        .map(id -> engine.docker("inspect", "--format", "{{.State.StartedAt}}", id))
        .map(Instant::parse)
        .min(Instant::compareTo);
  }

  @Override
  public void close() {
    Process running = agent;
    if (running != null) {
      running.destroyForcibly();
      try {
        running.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    haproxy.close();
    engine.kill(); // its containers end with it
    engine.close();
  }
}
