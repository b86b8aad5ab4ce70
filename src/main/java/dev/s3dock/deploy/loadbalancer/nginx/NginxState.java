package dev.s3dock.deploy.loadbalancer.nginx;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a configuration of nginx sends an upstream's traffic to.
 *
 * <p>The generated file holds it twice: as the upstream, and as a line that the running nginx
 * returns at its status address. So the file tells what the next reload will bring, and nginx tells
 * what it runs.
 *
 * @param upstream its name
 * @param token of the file it came with: no two written files have the same
 * @param backend empty before the first deployment
 * @param beside servers of the other side that get requests, too; empty but in the middle of a
 *     change
 * @param spare who gets what the backend cannot be handed
 */
record NginxState(
    String upstream,
    String token,
    Optional<Backend> backend,
    Optional<Backend> beside,
    Optional<Backend> spare) {
  private static final String ADDRESS = "(?:[0-9a-fA-F.:]+|\\[[0-9a-fA-F.:]+]):[0-9]{1,5}";
  private static final Pattern LINE =
      Pattern.compile(
          "s3dock 1 (\\S+) ([0-9a-f]+) (\\S+) (?:%1$s|none -)(?: and %1$s)?(?: spare %1$s)?"
              .formatted("(blue|green) (%1$s(?:,%1$s)*)".formatted(ADDRESS)));

  private static final int BACKEND = 4; // first of two groups each
  private static final int BESIDE = 6;
  private static final int SPARE = 8;

  static NginxState none(String upstream) {
    return new NginxState(upstream, "0", Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** An answer of the running nginx, or such a line in a file; empty if there is none. */
  static Optional<Told> find(String text) {
    Matcher line = LINE.matcher(text);
    if (!line.find()) {
      return Optional.empty();
    }
    try {
      return Optional.of(told(line));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no address: not written by s3dock
    }
  }

  private static Told told(Matcher line) {
    String pid = line.group(3);
    return new Told(
        new NginxState(
            line.group(1),
            line.group(2),
            backend(line, BACKEND),
            backend(line, BESIDE),
            backend(line, SPARE)),
        pid.matches("[0-9]{1,10}") ? Long.parseLong(pid) : 0);
  }

  private static Optional<Backend> backend(Matcher line, int group) {
    return Arrays.stream(Colour.values())
        .filter(it -> it.toString().equals(line.group(group)))
        .findFirst()
        .map(
            it ->
                new Backend(
                    it,
                    Stream.of(line.group(group + 1).split(",")).map(NginxState::server).toList()));
  }

  private static Server server(String address) {
    int colon = address.lastIndexOf(':');
    return new Server(
        bare(address.substring(0, colon)), Integer.parseInt(address.substring(colon + 1)));
  }

  /**
   * A state, and who told it.
   *
   * @param worker process that answered, as it calls itself; 0 in a file
   */
  record Told(NginxState state, long worker) {}

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private String line() {
    return "s3dock 1 %s %s $pid %s %s%s%s"
        .formatted(
            upstream,
            token,
            backend.map(it -> it.colour().toString()).orElse("none"),
            backend.map(NginxState::addresses).orElse("-"),
            beside.map(it -> " and %s %s".formatted(it.colour(), addresses(it))).orElse(""),
            spare.map(it -> " spare %s %s".formatted(it.colour(), addresses(it))).orElse(""));
  }

  /** All that get requests. */
  List<Backend> serving() {
    return Stream.of(backend, beside).flatMap(Optional::stream).toList();
  }

  /** The same without a standby. */
  NginxState alone(String otherToken) {
    return new NginxState(upstream, otherToken, backend, beside, Optional.empty());
  }

  private static String addresses(Backend backend) {
    return backend.servers().stream().map(Server::address).collect(Collectors.joining(","));
  }

  /** Without counting failures: each request asks the live ones first. */
  private String servers() {
    if (backend.isEmpty()) {
      return "127.0.0.1:1 down";
    }
    boolean alone = spare.isEmpty() && beside.isEmpty() && backend.get().servers().size() == 1;
    return Stream.concat(
            serving().stream().flatMap(it -> lines(it, alone ? "" : " max_fails=0")),
            spare.stream().flatMap(it -> lines(it, " max_fails=0 backup")))
        .collect(Collectors.joining(";\n    server "));
  }

  private static Stream<String> lines(Backend backend, String options) {
    return backend.servers().stream().map(it -> it.address() + options);
  }

  /** The generated file. */
  String render(String status) {
    return """
    # Written by s3dock at each deployment: what you change here is lost. See docs/traffic-nginx.md.
    upstream %1$s {
        server %2$s;
    }
    server {
        listen %3$s;
        server_name %1$s;
        access_log off;
        default_type text/plain;
        location / {
            return 200 "%4$s\\n";
        }
    }
    """
        .formatted(upstream, servers(), status, line());
  }
}
