package dev.s3dock.deploy.loadbalancer.haproxy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server as {@code show servers state} tells it.
 *
 * @param name {@code blue}, {@code green}, {@code spare}, and these with {@code -2} and so on are
 *     ours
 * @param id what servers are ordered by
 * @param operational 0 is down, see {@code srv_op_state} in HAProxy's management guide
 * @param administrative bits of {@code srv_admin_state}
 * @param fqdn name that stands in the configuration; {@code -} for an address
 */
record HaproxyServer(
    String name,
    int id,
    String host,
    int port,
    int operational,
    int administrative,
    int weight,
    String fqdn) {
  /** The server that has the address of whoever stands by. */
  static final String SPARE = "spare";

  private static final Pattern OURS = Pattern.compile("(blue|green|spare)(?:-([1-9]\\d?))?");

  /**
   * Forced, inherited, or because a name does not resolve. Not 0x04: it only remembers that the
   * configuration says {@code disabled}.
   */
  private static final int MAINTENANCE = 0x01 | 0x02 | 0x20 | 0x40;

  private static final int DRAIN = 0x08 | 0x10;

  /** May get new requests as far as its administrator is concerned. */
  boolean ready() {
    return (administrative & (MAINTENANCE | DRAIN)) == 0 && weight > 0;
  }

  boolean up() {
    return operational != 0;
  }

  /** The word with which {@code set server … state} brings it here. */
  String state() {
    if ((administrative & MAINTENANCE) != 0) {
      return "maint";
    }
    return (administrative & DRAIN) != 0 ? "drain" : "ready";
  }

  /**
   * The name of one of ours.
   *
   * @param role a colour, or {@link #SPARE}
   * @param number from 1
   */
  static String name(String role, int number) {
    return number == 1 ? role : role + "-" + number;
  }

  /** What it is for: a colour, or {@link #SPARE}; empty if it is not one of ours. */
  String role() {
    Matcher ours = OURS.matcher(name);
    return ours.matches() ? ours.group(1) : "";
  }

  /** Its place among those of its role, from 1. */
  int number() {
    Matcher ours = OURS.matcher(name);
    return ours.matches() && ours.group(2) != null ? Integer.parseInt(ours.group(2)) : 1;
  }

  Optional<Colour> colour() {
    return Arrays.stream(Colour.values()).filter(it -> it.toString().equals(role())).findFirst();
  }

  boolean isSpare() {
    return role().equals(SPARE);
  }

  boolean isAt(Server server) {
    return host.equals(server.host()) && port == server.port();
  }

  boolean isOneOf(Backend backend) {
    return backend.servers().stream().anyMatch(this::isAt);
  }

  /** Rows of an answer; its first lines are the version of the format and the names of columns. */
  static List<HaproxyServer> parse(String answer) {
    List<HaproxyServer> servers = new ArrayList<>();
    List<String> columns = List.of();
    for (String line : answer.lines().toList()) {
      if (line.startsWith("# ")) {
        columns = List.of(line.substring(2).strip().split(" "));
      } else if (line.contains(" ") && !columns.isEmpty()) {
        servers.add(row(columns, List.of(line.strip().split(" "))));
      }
    }
    return servers;
  }

  private static HaproxyServer row(List<String> columns, List<String> fields) {
    return new HaproxyServer(
        field(columns, fields, "srv_name"),
        number(columns, fields, "srv_id"),
        field(columns, fields, "srv_addr"),
        number(columns, fields, "srv_port"),
        number(columns, fields, "srv_op_state"),
        number(columns, fields, "srv_admin_state"),
        number(columns, fields, "srv_uweight"),
        field(columns, fields, "srv_fqdn"));
  }

  private static int number(List<String> columns, List<String> fields, String column) {
    return Integer.parseInt(field(columns, fields, column));
  }

  private static String field(List<String> columns, List<String> fields, String column) {
    int at = columns.indexOf(column);
    if (at < 0 || at >= fields.size()) {
      throw new IllegalArgumentException("no " + column + " in " + fields);
    }
    return fields.get(at);
  }
}
