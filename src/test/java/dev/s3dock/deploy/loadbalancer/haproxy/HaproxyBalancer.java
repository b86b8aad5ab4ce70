package dev.s3dock.deploy.loadbalancer.haproxy;

import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.LoadBalancers.Daemon;
import dev.s3dock.testing.Manual;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** HAProxy in master-worker mode, with the configuration of docs/traffic-haproxy.md. */
public class HaproxyBalancer implements Balancer {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final int LOOKS = 500;

  private final int port = LoadBalancers.freePort();
  private final Path folder = LoadBalancers.folder("haproxy");
  private final String socket;
  private Daemon daemon;

  public HaproxyBalancer(UnaryOperator<String> change) {
    this(change, false);
  }

  public static HaproxyBalancer onPort() {
    return new HaproxyBalancer(UnaryOperator.identity(), true);
  }

  private HaproxyBalancer(UnaryOperator<String> change, boolean onPort) {
    this.socket =
        onPort ? "127.0.0.1:" + LoadBalancers.freePort() : folder.resolve("admin.sock").toString();
    String text = change.apply(Manual.block("traffic-haproxy.md", "haproxy"));
    text = Manual.replace(text, "/run/haproxy/admin.sock", socket);
    text = text.replace("/var/lib/haproxy", folder.resolve("state").toString());
    text = Manual.replace(text, "bind :80", "bind 127.0.0.1:" + port);
    if (!text.contains("backend app\n")) {
      text = text.replace("default_backend app", "default_backend other");
    }
    try {
      Files.createDirectories(folder.resolve("state"));
      Files.writeString(folder.resolve("haproxy.cfg"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon = launch();
  }

  /** Its port is open a moment before its socket. */
  private Daemon launch() {
    Daemon started =
        Daemon.start(
            List.of(
                LoadBalancers.program("haproxy"),
                "-W",
                "-f",
                folder.resolve("haproxy.cfg").toString()),
            folder,
            port);
    Eventually.holds("the Runtime API answers", this::answers);
    return started;
  }

  private boolean answers() {
    try {
      return !ask("show info").isEmpty();
    } catch (LoadBalancerException e) {
      return false;
    }
  }

  @Override
  public LoadBalancer loadBalancer(Duration timeout) {
    return new HaproxyLoadBalancer(
        new HaproxySettings(socket, "app", stateFile(), Optional.empty(), timeout));
  }

  public String socket() {
    return socket;
  }

  public Path stateFile() {
    return folder.resolve("state/server-state");
  }

  @Override
  public String keys() {
    return "driver: 'haproxy', backend: 'app', socket: '%s', state_file: '%s'"
        .formatted(socket, folder.resolve("state/server-state"));
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void stop() {
    daemon.close();
  }

  @Override
  public void start() {
    daemon = launch();
  }

  /**
   * A master that has just started runs itself anew, and may lose a signal that comes meanwhile.
   */
  @Override
  public void reload() {
    String before = ask("show info");
    AtomicInteger looks = new AtomicInteger();
    Eventually.holds(
        "a new worker",
        () -> {
          if (looks.getAndIncrement() % LOOKS == 0) {
            daemon.signal("USR2");
          }
          return !worker(ask("show info")).equals(worker(before));
        });
  }

  private static String worker(String info) {
    return info.lines().filter(it -> it.startsWith("Pid:")).findFirst().orElseThrow();
  }

  private String ask(String command) {
    return new Endpoint(socket).ask(command, TIMEOUT, "HAProxy", "it is under test");
  }

  @Override
  public void freeze() {
    daemon.signalAll("STOP");
  }

  @Override
  public void thaw() {
    daemon.signalAll("CONT");
  }

  @Override
  public void makeRefuse() {
    move("state", "moved");
  }

  private void move(String from, String to) {
    try {
      Files.move(folder.resolve(from), folder.resolve(to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void meddle() {
    ask("set server app/green state ready");
  }

  @Override
  public void close() {
    daemon.close();
  }
}
