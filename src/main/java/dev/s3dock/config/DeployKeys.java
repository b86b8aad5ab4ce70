package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.InvalidNameException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys below {@code deploy.APP} and {@code deploy.APP.environments.ENVIRONMENT}. */
public final class DeployKeys {
  static final String SECTION = "deploy";
  static final String FORM = "deploy.APP.KEY";
  static final Keys KEYS = new Keys("deploy.APP with %s");

  private static final String ENVIRONMENTS = "environments";

  public static final Key<Integer> PORT =
      KEYS.one("port", Parser.number(1, 65_535), "the app's port in its container");
  public static final Key<String> PUBLISH =
      KEYS.one(
          "publish",
          new Parser<>(
              "an IP address of this host, or \"container\"",
              text -> Optional.of(text).filter(t -> t.equals("container") || isAddress(t))),
          "127.0.0.1",
          "address of this host, or the container's own");
  public static final Key<Integer> REPLICAS =
      KEYS.one("replicas", Parser.number(1, 99), "1", "containers of the app on this host");
  public static final Key<String> UPDATE =
      KEYS.one(
          "update",
          Parser.matching("all-at-once|rolling", "\"all-at-once\" or \"rolling\""),
          "all-at-once",
          "how several containers are replaced");
  public static final Key<Duration> DRAIN =
      KEYS.duration("drain", "30s", "for running requests on the old container");
  public static final Key<String> ORDER =
      KEYS.one(
          "order",
          Parser.matching("start-first|stop-first", "\"start-first\" or \"stop-first\""),
          "start-first",
          "without traffic: whether the old container ends before the new one starts");
  public static final Key<Duration> STOP_GRACE =
      KEYS.duration("stop_grace", "10s", "from the stop signal to the kill");
  public static final Key<String> STOP_SIGNAL =
      KEYS.text("stop_signal", "such as SIGQUIT; without it the image's");
  public static final Key<Duration> BAKE =
      KEYS.duration("bake", "15s", "how long the new container is watched");
  public static final Key<Integer> RETAIN =
      KEYS.one("retain", Parser.number(0, 99), "1", "stopped containers kept for a rollback");
  public static final Key<Boolean> KEEP_WARM =
      KEYS.yesNo("keep_warm", "whether the last old container goes on running");

  public static final Key<String> HEALTH_PATH =
      KEYS.one(
          "health.path",
          Parser.matching("(?s)/.*", "a path such as \"/up\""),
          "/up",
          "GET that must be answered");
  public static final Key<String> HEALTH_STATUS =
      KEYS.one(
          "health.status",
          Parser.matching(
              "[1-5]\\d\\d(-[1-5]\\d\\d)?", "a status such as 200, or a range such as \"200-399\""),
          "200-399",
          "of a healthy answer");
  public static final Key<String> HEALTH_COMMAND =
      KEYS.list("health.command", "instead: command in the container that must exit with 0");
  public static final Key<Boolean> HEALTH_IMAGE =
      KEYS.yesNo("health.image", "instead: the image's HEALTHCHECK");
  public static final Key<Duration> HEALTH_INTERVAL =
      KEYS.duration("health.interval", "1s", "between checks");
  public static final Key<Duration> HEALTH_TIMEOUT =
      KEYS.duration("health.timeout", "5s", "per check or request");
  public static final Key<Integer> HEALTH_PASSES =
      KEYS.one("health.passes", Parser.number(1, 99), "3", "checks in a row that decide");
  public static final Key<Duration> HEALTH_DEADLINE =
      KEYS.duration("health.deadline", "60s", "from the container's start until they passed");

  public static final Key<String> ENV = KEYS.names("run.env", "variables");
  public static final Key<String> ENV_FILE =
      KEYS.text("run.env_file", "of variables, relative to this file");
  public static final Key<String> SECRETS_FILE =
      KEYS.text("run.secrets_file", "the same, readable by its owner alone");
  public static final Key<String> VOLUMES = KEYS.list("run.volumes", "SOURCE:TARGET[:OPTIONS]");
  public static final Key<String> NETWORKS =
      KEYS.list("run.networks", "that exist; without them the engine's default");
  public static final Key<Long> MEMORY =
      KEYS.one("run.memory", Parser.SIZE, "the most it may use; without it no limit");
  public static final Key<Double> CPUS =
      KEYS.one(
          "run.cpus",
          Parser.matching("\\d{1,4}(\\.\\d{1,3})?", "a number such as 1.5", Double::valueOf),
          "the most it may use; without it no limit");
  public static final Key<String> USER =
      KEYS.text("run.user", "USER[:GROUP]; without it the image's");
  public static final Key<String> RESTART =
      KEYS.one(
          "run.restart",
          Parser.matching(
              "no|always|unless-stopped|on-failure(:\\d{1,4})?",
              "\"no\", \"always\", \"unless-stopped\" or \"on-failure:N\""),
          "unless-stopped",
          "when the engine starts it again");
  public static final Key<Boolean> READ_ONLY =
      KEYS.yesNo("run.read_only", "whether its root file system is read-only");
  public static final Key<String> CAP_DROP =
      KEYS.list("run.cap_drop", "capabilities that it loses, or ALL");
  public static final Key<String> ARGS = KEYS.list("run.args", "without it the image's command");
  public static final Key<String> LABELS = KEYS.names("run.labels", "of the container");
  public static final Key<String> LOG_DRIVER =
      KEYS.text("run.log_driver", "without it the engine's");
  public static final Key<String> LOG_OPTIONS = KEYS.names("run.log_options", "of the log driver");

  public static final Key<String> PRE_DEPLOY =
      KEYS.list("hooks.pre_deploy", "command: the new container is healthy, without traffic");
  public static final Key<String> POST_SWITCH =
      KEYS.list("hooks.post_switch", "command: it gets new requests, the old one still runs");
  public static final Key<String> POST_DEPLOY =
      KEYS.list("hooks.post_deploy", "command: all is done");
  public static final Key<String> FAILED =
      KEYS.list("hooks.failed", "command: it failed, the former container serves");
  public static final Key<Duration> HOOK_TIMEOUT =
      KEYS.duration("hooks.timeout", "60s", "of each command");

  public static final Key<String> TARGET_COMMAND =
      KEYS.list(
          "target.command",
          "instead of containers of this host: program that keeps the app at an orchestrator");
  public static final Key<String> TARGET_ENV = KEYS.names("target.env", "variables for it");
  public static final Key<String> TARGET_ENDPOINT =
      KEYS.one(
          "target.endpoint",
          Parser.TEXT,
          "127.0.0.1:5000",
          "where the orchestrator's engines find s3dock serve");

  public static final Key<String> DRIVER =
      KEYS.one(
          "traffic.driver",
          Parser.matching(
              "haproxy|nginx|caddy|alb|command|none",
              "\"haproxy\", \"nginx\", \"caddy\", \"alb\", \"command\" or \"none\""),
          "of the load balancer; \"none\" for an app that takes no requests");
  public static final Key<String> URL =
      KEYS.one(
          "traffic.url",
          Parser.matching("https?://.+", "a URL such as \"http://127.0.0.1/up\""),
          "page of the app, which proves the switch");
  public static final Key<String> CONNECT =
      KEYS.text(
          "traffic.connect", "address for the host name in the URL; without it what DNS says");
  public static final Key<Duration> TRAFFIC_TIMEOUT =
      KEYS.one(
          "traffic.timeout",
          Parser.DURATION,
          "per query of the load balancer; without it the driver's");
  public static final Key<String> SOCKET = KEYS.text("traffic.socket", "haproxy: its runtime API");
  public static final Key<String> BACKEND = KEYS.text("traffic.backend", "haproxy: of the app");
  public static final Key<String> STATE_FILE =
      KEYS.text("traffic.state_file", "haproxy: where its state is kept over a restart");
  public static final Key<String> TRAFFIC_CONFIG =
      KEYS.text("traffic.config", "haproxy: its configuration file");
  public static final Key<String> UPSTREAM = KEYS.text("traffic.upstream", "nginx: of the app");
  public static final Key<String> UPSTREAM_FILE =
      KEYS.text("traffic.file", "nginx: file that s3dock writes");
  public static final Key<String> STATUS =
      KEYS.text("traffic.status", "nginx: page that tells its state");
  public static final Key<String> PROGRAM = KEYS.list("traffic.program", "nginx: how it is called");
  public static final Key<String> RELOAD =
      KEYS.list("traffic.reload", "nginx: command that reloads it");
  public static final Key<Duration> RELOAD_TIMEOUT =
      KEYS.one(
          "traffic.reload_timeout", Parser.DURATION, "nginx: of a reload; without it the driver's");
  public static final Key<String> ADMIN = KEYS.text("traffic.admin", "caddy: its admin API");
  public static final Key<String> ID = KEYS.text("traffic.id", "caddy: of the app's handler");
  public static final Key<String> TARGET_GROUP =
      KEYS.text("traffic.target_group", "alb: its ARN, of the app");
  public static final Key<String> TARGET_TYPE =
      KEYS.one(
          "traffic.target",
          Parser.matching("instance|ip", "\"instance\" or \"ip\""),
          "instance",
          "alb: what is registered");
  public static final Key<String> INSTANCE =
      KEYS.text("traffic.instance", "alb: ID of this EC2 instance; without it what IMDS says");
  public static final Key<String> ELB_ENDPOINT =
      KEYS.one(
          "traffic.endpoint",
          Parser.matching("https?://[^/?#@]+/?", "a URL such as \"https://host\""),
          "alb: of the API; without it Amazon's in the ARN's region");
  public static final Key<Duration> HEALTHY_TIMEOUT =
      KEYS.one(
          "traffic.healthy_timeout",
          Parser.DURATION,
          "alb: until a new target is healthy; without it the driver's");
  public static final Key<String> COMMAND =
      KEYS.list("traffic.command", "command: the program and its arguments");
  public static final Key<Boolean> IDENTIFIES =
      KEYS.yesNo("traffic.identifies", "command: whether answers tell their container");
  public static final Key<String> TRAFFIC_ENV = KEYS.names("traffic.env", "command: variables");

  private DeployKeys() {}

  /**
   * The command of a hook.
   *
   * @param point such as {@code pre_deploy}
   */
  public static Key<?> hook(String point) {
    return KEYS.named("hooks." + point);
  }

  /** A name could mean another address tomorrow. */
  private static boolean isAddress(String text) {
    try {
      return !InetAddress.ofLiteral(text).isAnyLocalAddress(); // traffic cannot be sent to those
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Checks one value.
   *
   * @throws ConfigException that names the key and the line
   */
  static void check(Path file, Json5.Value value) {
    try {
      if (value.path().size() > 1) {
        new AppName(value.path().get(1));
      }
      environment(value.path()).ifPresent(Environment::new);
    } catch (InvalidNameException e) {
      throw Json5.at(file, value.line(), String.valueOf(e.getMessage()));
    }
    KEYS.check(file, value, below(value.path()));
  }

  /** Path below the app, or below the environment; empty for these objects themselves. */
  static List<String> below(List<String> path) {
    int from = path.size() > 2 && path.get(2).equals(ENVIRONMENTS) ? 4 : 2;
    return path.size() <= from ? List.of() : path.subList(from, path.size());
  }

  /** The environment that the path belongs to; empty for all. */
  static Optional<String> environment(List<String> path) {
    return path.size() > 3 && path.get(2).equals(ENVIRONMENTS)
        ? Optional.of(path.get(3))
        : Optional.empty();
  }
}
