package dev.s3dock.deploy.loadbalancer.nginx;

import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.http.Request;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.LoadBalancers.Daemon;
import dev.s3dock.testing.Manual;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** nginx with two workers and the configuration of docs/traffic-nginx.md. */
public final class NginxBalancer implements Balancer {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration RELOAD = Duration.ofMinutes(1);

  private static final String AROUND =
      """
      worker_processes 2;
      pid FOLDER/pid;
      user root;
      events { worker_connections 512; }
      http {
        access_log off;
        client_body_temp_path FOLDER/body;
        proxy_temp_path FOLDER/proxy;
        fastcgi_temp_path FOLDER/fastcgi;
        uwsgi_temp_path FOLDER/uwsgi;
        scgi_temp_path FOLDER/scgi;
        SITE
      }
      """;

  private final int port = LoadBalancers.freePort();
  private final String status = "127.0.0.1:" + LoadBalancers.freePort();
  private final Path folder = LoadBalancers.folder("nginx");
  private Daemon daemon;

  public NginxBalancer(UnaryOperator<String> change) {
    String site = change.apply(Manual.block("traffic-nginx.md", "nginx"));
    site = site.replace("/etc/nginx/s3dock", folder.resolve("s3dock").toString());
    site = Manual.replace(site, "listen 80", "listen 127.0.0.1:" + port);
    String first =
        Manual.replace(Manual.block("traffic-nginx.md", "conf"), "127.0.0.1:8125", status);
    try {
      Files.createDirectories(folder.resolve("s3dock"));
      Files.writeString(file(), first);
      Files.writeString(
          folder.resolve("nginx.conf"),
          AROUND.replace("FOLDER", folder.toString()).replace("SITE", site));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon = launch();
  }

  public Path file() {
    return folder.resolve("s3dock/app.conf");
  }

  public String status() {
    return status;
  }

  public List<String> program() {
    return List.of(
        LoadBalancers.program("nginx"),
        "-p",
        folder.toString(),
        "-c",
        folder.resolve("nginx.conf").toString(),
        "-e",
        folder.resolve("error.log").toString());
  }

  private Daemon launch() {
    List<String> command = new ArrayList<>(program());
    command.addAll(List.of("-g", "daemon off;"));
    return Daemon.start(command, folder, port);
  }

  @Override
  public LoadBalancer loadBalancer(Duration timeout) {
    return new NginxLoadBalancer(
        new NginxSettings("app", file(), status, program(), Optional.empty(), timeout, timeout));
  }

  public LoadBalancer loadBalancer(Optional<List<String>> reload, Duration reloadTimeout) {
    return new NginxLoadBalancer(settings(reload, reloadTimeout));
  }

  public NginxSettings settings() {
    return settings(Optional.empty(), RELOAD);
  }

  private NginxSettings settings(Optional<List<String>> reload, Duration reloadTimeout) {
    return new NginxSettings("app", file(), status, program(), reload, TIMEOUT, reloadTimeout);
  }

  @Override
  public String keys() {
    return "driver: 'nginx', upstream: 'app', file: '%s', status: '%s', program: [%s]"
        .formatted(
            file(),
            status,
            program().stream().map("'%s'"::formatted).collect(Collectors.joining(", ")));
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

  @Override
  public void reload() {
    long before = worker();
    NginxWorkers workers = NginxWorkers.around(before).orElseThrow(); // while it is there
    daemon.signal("HUP");
    Eventually.holds("new workers", () -> !workers.accepting().contains(before));
    Eventually.holds("an answer", () -> workers.accepting().contains(worker()));
  }

  private long worker() {
    Request request = Request.of("GET", "/").header("Host", "app");
    String body = new Endpoint(status).send(request, TIMEOUT, "nginx", "under test").body();
    return NginxState.find(body).orElseThrow().worker();
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
    append(folder.resolve("nginx.conf"), "nonsense;\n");
  }

  private static void append(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void meddle() {
    try {
      String text = Files.readString(file());
      Files.writeString(
          file(), text.replace("upstream app {", "upstream app {\n    server 127.0.0.9:80;"));
      reload();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    daemon.close();
  }
}
