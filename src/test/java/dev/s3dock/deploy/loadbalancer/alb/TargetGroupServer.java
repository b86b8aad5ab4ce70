package dev.s3dock.deploy.loadbalancer.alb;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.s3dock.deploy.loadbalancer.alb.SimulatedTargets.Health;
import dev.s3dock.deploy.loadbalancer.alb.SimulatedTargets.Reason;
import dev.s3dock.deploy.loadbalancer.alb.SimulatedTargets.Target;
import dev.s3dock.testing.PlantedSecrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The API of Elastic Load Balancing, version 2015-12-01, for one target group: the AWS query
 * protocol (a POST of a form, an answer in XML), with the names, errors and states of the Elastic
 * Load Balancing API Reference. It refuses what that does: what is not signed, not known, not
 * allowed, and parameters that an action does not have.
 */
public final class TargetGroupServer implements AutoCloseable {
  public static final String REGION = "eu-central-1";
  public static final String ARN =
      "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef";

  private static final Reason ILL = new Reason("Target.FailedHealthChecks", "Health checks failed");

  private static final String NAMESPACE =
      "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";
  private static final String LOAD_BALANCER =
      "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/front/0123456789abcdef";
  private static final Map<String, String> GROUP = new TreeMap<>();

  static {
    GROUP.put("Protocol", "HTTP");
    GROUP.put("TargetType", "instance");
    GROUP.put("HealthCheckPort", "traffic-port");
    GROUP.put("Port", "80");
    GROUP.put("VpcId", "vpc-0123456789abcdef0");
    GROUP.put("HealthCheckProtocol", "HTTP");
    GROUP.put("HealthCheckPath", "/up");
    GROUP.put("HealthCheckEnabled", "true");
    GROUP.put("HealthCheckIntervalSeconds", "30");
    GROUP.put("TargetGroupName", "web");
    GROUP.put("TargetGroupArn", ARN);
  }

  private final HttpServer server;
  private final SimulatedTargets targets;
  private final Map<String, String> group = new LinkedHashMap<>(GROUP);
  private final List<String> asked = new ArrayList<>();
  private final Set<String> denied = new TreeSet<>();
  private final Set<String> strangers = new TreeSet<>();
  private final boolean timeByLooks;
  private long now;
  private int throttled;
  private int faults;
  private @Nullable CountDownLatch hanging;

  private TargetGroupServer(Optional<LongSupplier> clock) {
    timeByLooks = clock.isEmpty();
    targets = new SimulatedTargets(clock.orElse(() -> now));
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  /** A group whose time passes by a second with each look at the health of its targets. */
  public static TargetGroupServer start() {
    return new TargetGroupServer(Optional.empty());
  }

  /** A group with a clock of its own, in seconds. */
  public static TargetGroupServer start(LongSupplier clock) {
    return new TargetGroupServer(Optional.of(clock));
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** For what a test changes of the targets. */
  synchronized void arrange(Consumer<SimulatedTargets> change) {
    change.accept(targets);
  }

  /** The states of all targets, such as {@code i-1:80 healthy}. */
  public synchronized List<String> states() {
    return targets.all().stream()
        .map(it -> it + " " + targets.health(it).state())
        .sorted()
        .toList();
  }

  /** Those that new requests are sent to. */
  synchronized List<Target> serving() {
    return targets.serving();
  }

  /** The ports of an instance or address that new requests are sent to. */
  public synchronized List<Integer> serving(String id) {
    return targets.serving().stream().filter(it -> it.id().equals(id)).map(Target::port).toList();
  }

  /**
   * A group with a target of another host, whose health checks connect.
   *
   * @param delay until a target is drained, in seconds
   * @param accepts whether a target does
   */
  public synchronized void prepare(
      String delay, String neighbour, int port, BiPredicate<String, Integer> accepts) {
    targets.attributes.put(SimulatedTargets.DELAY, delay);
    targets.register(new Target(neighbour, port));
    targets.check(
        target -> accepts.test(target.id(), target.port()) ? Optional.empty() : Optional.of(ILL));
    now += 10;
  }

  /** Its targets at these ports fail their health checks, and new ones at the first look. */
  public synchronized void sicken(IntPredicate ports) {
    targets.beInitial(0);
    targets.check(target -> ports.test(target.port()) ? Optional.of(ILL) : Optional.empty());
  }

  /** Whether a listener forwards to the group. */
  public synchronized void attach(boolean is) {
    targets.attach(is);
  }

  /** So many seconds pass at once. */
  synchronized void pass(long seconds) {
    now += seconds;
  }

  /** Another kind of group. */
  synchronized void set(String element, String value) {
    group.put(element, value);
  }

  /** What was asked since the last call: the action, and the targets that it names. */
  synchronized List<String> asked() {
    List<String> all = List.copyOf(asked);
    asked.clear();
    return all;
  }

  /** The credentials may not do this. */
  synchronized void deny(String action) {
    denied.add(action);
  }

  /** Instances that are in another network, or not at all. */
  synchronized void refuse(String id) {
    strangers.add(id);
  }

  /** So many requests are answered that the rate is exceeded. */
  synchronized void throttle(int requests) {
    throttled = requests;
  }

  /** So many requests are answered with a fault of the service. */
  synchronized void fail(int requests) {
    faults = requests;
  }

  /** No request is answered until {@link #goOn}. */
  synchronized void hang() {
    hanging = new CountDownLatch(1);
  }

  synchronized void goOn() {
    if (hanging != null) {
      hanging.countDown();
      hanging = null;
    }
  }

  /** An answer. */
  private record Answer(int status, String body) {}

  /** What a request is refused with. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String code;

    Refusal(int status, String code, String message) {
      super(message);
      this.status = status;
      this.code = code;
    }

    Answer answer() {
      String type = status >= 500 ? "Receiver" : "Sender";
      return new Answer(
          status,
          "<ErrorResponse xmlns=\"%s\"><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
              .formatted(NAMESPACE, type, code, getMessage()));
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    CountDownLatch wait;
    synchronized (this) {
      wait = hanging;
    }
    try {
      if (wait != null) {
        wait.await();
      }
    } catch (InterruptedException e) {
      exchange.close();
      return;
    }
    Answer answer;
    try {
      answer = new Answer(200, answer(exchange, body));
    } catch (Refusal e) {
      answer = e.answer();
    }
    byte[] text = answer.body().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/xml");
    exchange.sendResponseHeaders(answer.status(), text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  private synchronized String answer(HttpExchange exchange, byte[] body) throws Refusal {
    if (!exchange.getRequestMethod().equals("POST")
        || !String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"))
            .startsWith("application/x-www-form-urlencoded")) {
      throw new Refusal(404, "UnknownOperation", "not a POST of a form");
    }
    Optional<String> problem =
        RequestSignature.problem(
            exchange, body, PlantedSecrets.ACCESS_KEY, PlantedSecrets.SECRET_KEY, REGION);
    if (problem.isPresent()) {
      throw new Refusal(403, problem.get(), "The request cannot be authenticated");
    }
    Map<String, String> form = form(body);
    String action = String.valueOf(form.remove("Action"));
    if (!"2015-12-01".equals(form.remove("Version"))) {
      throw new Refusal(400, "NoSuchVersion", "no such version");
    }
    requireAnswerable(action);
    return "<%1$sResponse xmlns=\"%2$s\"><%1$sResult>%3$s</%1$sResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></%1$sResponse>"
        .formatted(action, NAMESPACE, result(action, form));
  }

  private void requireAnswerable(String action) throws Refusal {
    if (faults > 0) {
      faults--;
      throw new Refusal(500, "InternalFailure", "An internal failure occurred");
    }
    if (throttled > 0) {
      throttled--;
      throw new Refusal(400, "Throttling", "Rate exceeded");
    }
    if (denied.contains(action)) {
      throw new Refusal(
          403,
          "AccessDenied",
          "User: arn:aws:sts::123456789012:assumed-role/web is not authorized to perform: elasticloadbalancing:"
              + action);
    }
  }

  private static Map<String, String> form(byte[] body) {
    Map<String, String> form = new TreeMap<>();
    for (String pair : new String(body, UTF_8).split("&")) {
      String[] parts = pair.split("=", 2);
      form.put(URLDecoder.decode(parts[0], UTF_8), URLDecoder.decode(parts[1], UTF_8));
    }
    return form;
  }

  private String result(String action, Map<String, String> form) throws Refusal {
    String arn =
        form.remove(
            action.equals("DescribeTargetGroups") ? "TargetGroupArns.member.1" : "TargetGroupArn");
    if (arn == null) {
      throw new Refusal(400, "ValidationError", "a target group must be specified");
    }
    if (!arn.equals(ARN)) {
      throw new Refusal(400, "TargetGroupNotFound", "One or more target groups not found");
    }
    List<Target> named = action.contains("TargetGroup") ? List.of() : named(form);
    if (!form.isEmpty()) {
      throw new Refusal(400, "ValidationError", "no such parameter: " + form.keySet());
    }
    asked.add(
        (action + " " + named.stream().map(Target::toString).collect(Collectors.joining(" ")))
            .strip());
    return switch (action) {
      case "DescribeTargetGroups" -> described();
      case "DescribeTargetGroupAttributes" -> attributes();
      case "DescribeTargetHealth" -> health(named);
      case "RegisterTargets" -> register(named);
      case "DeregisterTargets" -> deregister(named);
      default -> throw new Refusal(400, "InvalidAction", "no such action: " + action);
    };
  }

  private List<Target> named(Map<String, String> form) throws Refusal {
    List<Target> named = new ArrayList<>();
    for (int n = 1; form.containsKey("Targets.member.%d.Id".formatted(n)); n++) {
      String id = String.valueOf(form.remove("Targets.member.%d.Id".formatted(n)));
      String port = form.remove("Targets.member.%d.Port".formatted(n));
      boolean fits =
          "instance".equals(group.get("TargetType")) ? id.startsWith("i-") : id.matches("[0-9.]+");
      if (!fits || strangers.contains(id)) {
        throw new Refusal(400, "InvalidTarget", "The following targets are not valid: " + id);
      }
      if (port == null || !port.matches("[1-9][0-9]{0,4}")) {
        throw new Refusal(400, "ValidationError", "port " + port);
      }
      named.add(new Target(id, Integer.parseInt(port)));
    }
    return named;
  }

  private String described() {
    String users =
        targets.isAttached()
            ? "<LoadBalancerArns><member>%s</member></LoadBalancerArns>".formatted(LOAD_BALANCER)
            : "<LoadBalancerArns/>";
    return "<TargetGroups><member>%s%s</member></TargetGroups>"
        .formatted(
            group.entrySet().stream()
                .map(it -> "<%1$s>%2$s</%1$s>".formatted(it.getKey(), it.getValue()))
                .collect(Collectors.joining()),
            users);
  }

  private String attributes() {
    return "<Attributes>%s</Attributes>"
        .formatted(
            targets.attributes.entrySet().stream()
                .map(
                    it ->
                        "<member><Key>%s</Key><Value>%s</Value></member>"
                            .formatted(it.getKey(), it.getValue()))
                .collect(Collectors.joining()));
  }

  private String health(List<Target> named) {
    String found =
        (named.isEmpty() ? targets.all() : named)
            .stream().map(this::health).collect(Collectors.joining());
    if (timeByLooks) {
      now++;
    }
    return "<TargetHealthDescriptions>%s</TargetHealthDescriptions>".formatted(found);
  }

  private String health(Target target) {
    Health health = targets.health(target);
    String why =
        health
            .reason()
            .map(
                it ->
                    "<Reason>%s</Reason><Description>%s</Description>"
                        .formatted(it.code(), it.words()))
            .orElse("");
    return "<member><Target><Id>%s</Id><Port>%d</Port></Target><HealthCheckPort>%d</HealthCheckPort><TargetHealth><State>%s</State>%s</TargetHealth></member>"
        .formatted(target.id(), target.port(), target.port(), health.state(), why);
  }

  private String register(List<Target> named) throws Refusal {
    requireTargets(named);
    named.forEach(targets::register);
    return "";
  }

  private String deregister(List<Target> named) throws Refusal {
    requireTargets(named);
    named.forEach(targets::deregister);
    return "";
  }

  private static void requireTargets(List<Target> named) throws Refusal {
    if (named.isEmpty()) {
      throw new Refusal(400, "ValidationError", "targets must be specified");
    }
  }

  @Override
  public void close() {
    goOn();
    server.stop(0);
  }
}
