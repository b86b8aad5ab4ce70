package dev.s3dock.deploy.loadbalancer.caddy;

import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.http.Request;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.LoadBalancers.Daemon;
import dev.s3dock.testing.Manual;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** Caddy with the configuration of docs/traffic-caddy.md. */
public final class CaddyBalancer implements Balancer {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final int port = LoadBalancers.freePort();
  private final Path folder = LoadBalancers.folder("caddy");
  private final String admin;
  private Daemon daemon;

  public CaddyBalancer(UnaryOperator<String> change) {
    this(change, false);
  }

  public static CaddyBalancer onSocket() {
    return new CaddyBalancer(UnaryOperator.identity(), true);
  }

  private CaddyBalancer(UnaryOperator<String> change, boolean onSocket) {
    this.admin =
        onSocket
            ? folder.resolve("admin.sock").toString()
            : "127.0.0.1:" + LoadBalancers.freePort();
    String text = change.apply(Manual.block("traffic-caddy.md", "json"));
    text = Manual.replace(text, "127.0.0.1:2019", onSocket ? "unix/" + admin : admin);
    text = Manual.replace(text, "\":80\"", "\"127.0.0.1:" + port + "\"");
    try {
      Files.writeString(folder.resolve("caddy.json"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon = launch();
  }

  private Daemon launch() {
    return Daemon.start(
        List.of(
            LoadBalancers.program("caddy"),
            "run",
            "--config",
            folder.resolve("caddy.json").toString(),
            "--resume"),
        folder,
        port);
  }

  @Override
  public LoadBalancer loadBalancer(Duration timeout) {
    return new CaddyLoadBalancer(new CaddySettings(admin, "app", timeout));
  }

  public CaddySettings settings() {
    return new CaddySettings(admin, "app", TIMEOUT);
  }

  @Override
  public String keys() {
    return "driver: 'caddy', id: 'app', admin: '%s'".formatted(admin);
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

  /** A change of another part makes Caddy load everything anew. */
  @Override
  public void reload() {
    call("POST", "/config/logging", "{\"logs\":{\"default\":{\"level\":\"WARN\"}}}");
  }

  private void call(String method, String path, String body) {
    Endpoint.Answer answer =
        new Endpoint(admin)
            .send(Request.of(method, path).json(body), TIMEOUT, "Caddy", "it is under test");
    if (!answer.succeeded()) {
      throw new AssertionError(answer);
    }
  }

  @Override
  public void freeze() {
    daemon.signalAll("STOP");
  }

  @Override
  public void thaw() {
    daemon.signalAll("CONT");
  }

  /** Another handler needs a file that goes away: then Caddy takes no configuration any more. */
  @Override
  public void makeRefuse() {
    Path file = folder.resolve("ca.pem");
    try {
      Files.writeString(file, "none");
      call(
          "POST",
          "/config/apps/http/servers/web/routes",
          """
          {"handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:1"}],
            "transport": {"protocol": "http", "tls": {"root_ca_pem_files": ["%s"]}}}]}
          """
              .formatted(file));
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void meddle() {
    call("POST", "/id/app/upstreams", "{\"dial\":\"127.0.0.9:80\"}");
  }

  @Override
  public void close() {
    daemon.close();
  }
}
