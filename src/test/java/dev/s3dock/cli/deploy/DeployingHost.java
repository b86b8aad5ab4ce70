package dev.s3dock.cli.deploy;

import dev.s3dock.cli.User;
import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.engine.Container;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A {@link WebHost} with a load balancer, whose configuration says how its app is deployed. */
public final class DeployingHost implements AutoCloseable {
  /** Short, since nothing is learnt from waiting; long enough for requests that last 3 s. */
  public static final String TIMES =
      "bake: '700ms', drain: '5s', stop_grace: '5s', health: { interval: '100ms', deadline: '60s' }";

  public final WebHost web;
  public final Balancer balancer;
  public final String app;
  private final Path locks;

  /** Publishes nothing yet; what the configuration says besides is what is in {@code more}. */
  public DeployingHost(Path folder, TestEngine engine, Balancer balancer, String app, String more) {
    this(new WebHost(folder, engine), folder, balancer, app, more);
  }

  /** A host of a bucket that is there already. */
  public DeployingHost(WebHost web, Path folder, Balancer balancer, String app, String more) {
    this.web = web;
    this.balancer = balancer;
    this.app = app;
    try {
      this.locks = Files.createDirectories(folder.resolve("locks"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    web.user().with("S3DOCK_LOCK_DIR", locks.toString());
    configure(more);
  }

  /** Writes the configuration anew. */
  public void configure(String more) {
    web.configure(
        "{ deploy: { '%s': { port: 8080, %s, traffic: { %s, url: 'http://127.0.0.1:%d/up' } } } }"
            .formatted(app, more, balancer.keys(), balancer.port()));
  }

  public String publish(String version) {
    return web.publish(app, version);
  }

  public String publish(String version, Map<String, String> settings) {
    return web.publish(app, version, settings);
  }

  public User.Result deploy(String... more) {
    return s3dock("deploy", more);
  }

  public User.Result s3dock(String command, String... more) {
    String[] args = new String[3 + more.length];
    args[0] = command;
    args[1] = app;
    args[2] = "production";
    System.arraycopy(more, 0, args, 3, more.length);
    return web.user().s3dock(args);
  }

  public Load load() {
    return Load.start("127.0.0.1", balancer.port(), Load.Mix.usual().throughout());
  }

  /** For deployments that fail and leave alone what serves. */
  public Load gentleLoad() {
    return Load.start("127.0.0.1", balancer.port(), Load.Mix.gentle());
  }

  /**
   * Requests that end at once. Whoever dies takes with it what it has begun to answer, which no
   * load balancer can make good: long requests and WebSockets.
   */
  public Load shortLoad() {
    return Load.start(
        "127.0.0.1",
        balancer.port(),
        new Load.Mix(4, 3, 0, 0, Duration.ofMillis(10), Duration.ZERO).throughout());
  }

  public List<Container> containers() {
    return web.containers().list(Map.of("dev.s3dock.app", app));
  }

  /** The image of each container and whether it runs. */
  public List<String> picture() {
    return containers().stream()
        .map(c -> c.labels().get("dev.s3dock.image") + " " + c.state())
        .sorted()
        .toList();
  }

  public static Duration patience() {
    return Duration.ofMinutes(2);
  }

  @Override
  public void close() {
    web.close();
    balancer.close();
  }
}
