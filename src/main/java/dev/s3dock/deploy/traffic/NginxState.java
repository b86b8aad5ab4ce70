package dev.s3dock.deploy.traffic;

import dev.s3dock.deploy.Backend;
import dev.s3dock.deploy.Colour;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
 */
record NginxState(String upstream, String token, Optional<Backend> backend) {
  private static final Pattern LINE =
      Pattern.compile(
          "s3dock 1 (\\S+) ([0-9a-f]+) (\\S+) (?:(blue|green) ([0-9a-fA-F.:]+|\\[[0-9a-fA-F.:]+]):([0-9]{1,5})|none -)");

  static NginxState none(String upstream) {
    return new NginxState(upstream, "0", Optional.empty());
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
    Optional<Backend> backend =
        Arrays.stream(Colour.values())
            .filter(it -> it.toString().equals(line.group(4)))
            .findFirst()
            .map(it -> new Backend(it, bare(line.group(5)), Integer.parseInt(line.group(6))));
    String pid = line.group(3);
    return new Told(
        new NginxState(line.group(1), line.group(2), backend),
        pid.matches("[0-9]{1,10}") ? Long.parseLong(pid) : 0);
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
    return "s3dock 1 %s %s $pid %s %s"
        .formatted(
            upstream,
            token,
            backend.map(it -> it.colour().toString()).orElse("none"),
            backend.map(Backend::address).orElse("-"));
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
        .formatted(
            upstream, backend.map(Backend::address).orElse("127.0.0.1:1 down"), status, line());
  }
}
