package dev.s3dock.agent;

import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.StubImages;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.audit.DeploymentEvent;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Removal;
import dev.s3dock.registry.gc.Retention;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.rollout.RolloutPlan;
import dev.s3dock.rollout.RolloutState;
import dev.s3dock.rollout.RolloutView;
import dev.s3dock.rollout.Rollouts;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Many agents on one store in memory, in a time of their own: one of them runs at a time, until it
 * sleeps. A deployment takes a minute or two of that time, and nothing else takes any.
 */
final class SimulatedFleet implements AutoCloseable {
  static final AppName APP = new AppName("shop");
  static final Environment PRODUCTION = new Environment("production");
  static final ImageReference V1 = ImageReference.parse("shop:20250720-1045-def5678");
  static final ImageReference V2 = ImageReference.parse("shop:20250721-2118-f7a5a27");
  static final ImageReference V3 = ImageReference.parse("shop:20250722-0900-0aa0aa0");
  static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final Service SERVICE = new Service(APP, PRODUCTION);
  private static final Instant START = Instant.parse("2025-08-02T07:30:00Z");

  final MemoryObjectStore store = new MemoryObjectStore(this::storeTime);
  final Map<String, SimulatedAgent> agents = new TreeMap<>();

  /** Which image is not fit on which host. */
  Predicate<String> unfit = _ -> false;

  /** What is checked whenever a host has begun with an image. */
  Runnable begun = () -> {};

  private final PriorityQueue<Wake> queue = new PriorityQueue<>();
  private final Semaphore back = new Semaphore(0);
  private final Random random;
  private final Rollouts rollouts;
  private final Promotions promotions;
  private long now;
  private long wakes;
  private @Nullable SimulatedAgent running;

  private record Wake(long at, long number, SimulatedAgent agent) implements Comparable<Wake> {
    @Override
    public int compareTo(Wake other) {
      return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
    }
  }

  /** All that a client of the bucket has. */
  private final class Parts {
    final Actor actor;
    final Deployments deployments;
    final AuditLog audit;
    final Promotions promotions;
    final Rollouts rollouts;
    final Clock clock;

    Parts(String host, Duration skew) {
      clock =
          new Clock() {
            @Override
            public ZoneOffset getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return storeTime().plus(skew);
            }
          };
      actor = new Actor("root", host, "s3dock test");
      deployments = new Deployments(store, clock, actor);
      Images images = new Images(store, clock);
      Pointers pointers = new Pointers(store, images, clock, actor);
      audit = new AuditLog(store, clock, actor);
      promotions = new Promotions(images, pointers, new Catalog(store, pointers), audit);
      rollouts = new Rollouts(store, pointers, promotions, audit, clock, actor);
    }
  }

  SimulatedFleet(long seed) {
    random = new Random(seed);
    Parts person = new Parts("desk", Duration.ZERO);
    rollouts = person.rollouts;
    promotions = person.promotions;
    StubImages.publish(store, person.clock, V1, V2, V3);
    promotions.promote(V1, PRODUCTION, Optional.empty());
    store.before(this::count);
  }

  private Instant storeTime() {
    return START.plusNanos(now);
  }

  private void count(Operation operation, String key) {
    SimulatedAgent agent = running;
    if (agent != null) {
      agent.requests.merge(operation + " " + key.replaceAll("/.*", ""), 1, Integer::sum);
      if (operation == Operation.PUT && key.contains("/ended/")) {
        agent.active = false;
      }
    }
  }

  /** A host, and its agent that begins at some moment of the next interval. */
  final class SimulatedAgent implements Host, HostService {
    final String name;
    final List<String> labels;
    final Map<String, Integer> requests = new TreeMap<>();
    final Set<ImageReference> tried = new HashSet<>();
    boolean online = true;
    boolean active;
    Standing standing = new Standing.Down("no container gets traffic");
    private final Parts parts;
    private final Semaphore go = new Semaphore(0);
    private final Thread thread;
    private int deployments;

    private SimulatedAgent(String name, List<String> labels, Duration skew) {
      this.name = name;
      this.labels = labels;
      this.parts = new Parts(name, skew);
      this.thread = Thread.ofVirtual().name(name).start(this::live);
    }

    private void live() {
      Semaphore turns = new Semaphore(1);
      Follower follower = follower();
      try {
        go.acquire();
        while (true) {
          if (online) {
            follower.step(turns, INTERVAL);
          }
          sleep(INTERVAL);
        }
      } catch (InterruptedException e) {
        // the simulation ends
      } finally {
        back.release();
      }
    }

    private Follower follower() {
      return new Follower(
          SERVICE,
          new AgentParts(
              store,
              parts.deployments,
              parts.rollouts,
              this,
              _ -> {},
              "1",
              parts.clock,
              () -> now));
    }

    private void sleep(Duration time) throws InterruptedException {
      wake(this, time.toNanos());
      back.release();
      go.acquire();
    }

    Optional<ImageReference> image() {
      return standing.running();
    }

    int requests(String pattern) {
      return requests.entrySet().stream()
          .filter(it -> it.getKey().matches(pattern))
          .mapToInt(Map.Entry::getValue)
          .sum();
    }

    @Override
    public Plan plan() {
      return new Plan(List.of(SERVICE), INTERVAL, 1);
    }

    @Override
    public List<String> labels() {
      return labels;
    }

    @Override
    public HostService service(Service service, DeployProgress progress) {
      return this;
    }

    @Override
    public long diskFree() {
      return 1L << 30;
    }

    @Override
    public String settings() {
      return "s";
    }

    @Override
    public Standing standing() {
      return standing;
    }

    @Override
    public Deployed deploy(ImageReference image) throws InterruptedException {
      tried.add(image);
      active = !image.equals(V1);
      begun.run();
      sleep(Duration.ofSeconds(60 + random.nextInt(60)));
      String deployment = "d" + ++deployments;
      if (unfit.test(image.tag() + " " + name)) {
        event(image, deployment, "failed");
        throw new DeployException(DeployException.Kind.UNFIT, "it did not get healthy");
      }
      parts.deployments.report(APP, PRODUCTION, image, Optional.empty(), "blue", deployment, true);
      event(image, deployment, "live");
      standing = new Standing.Live(image, deployment, "blue", true, true, Optional.empty());
      return new Deployed(
          image,
          Optional.empty(),
          Optional.of(new Backend(Colour.BLUE, "127.0.0.1", 20_000)),
          deployment,
          List.of("c"),
          false,
          Map.of());
    }

    private void event(ImageReference image, String deployment, String outcome) {
      parts.audit.append(
          image,
          new DeploymentEvent(
              false,
              image.toString(),
              PRODUCTION.value(),
              deployment,
              outcome.equals("live") ? image.toString() : V1.toString(),
              "",
              outcome,
              "",
              Map.of()));
    }

    @Override
    public boolean engineAnswers() {
      return true;
    }

    @Override
    public void close() {}
  }

  private void wake(SimulatedAgent agent, long after) {
    queue.add(new Wake(now + after, wakes++, agent));
  }

  SimulatedAgent add(String name, String... labels) {
    return add(name, Duration.ZERO, labels);
  }

  SimulatedAgent add(String name, Duration skew, String... labels) {
    SimulatedAgent agent = new SimulatedAgent(name, List.of(labels), skew);
    agents.put(name, agent);
    wake(agent, random.nextLong(INTERVAL.toNanos()));
    return agent;
  }

  SimulatedAgent agent(String name) {
    return Objects.requireNonNull(agents.get(name));
  }

  /** Lets so many hosts be there, all of which run the first image. */
  SimulatedFleet of(int hosts, int canaries) throws InterruptedException {
    for (int i = 0; i < hosts; i++) {
      String name = "host-%04d".formatted(i);
      if (i < canaries) {
        add(name, "canary");
      } else {
        add(name);
      }
    }
    run(Duration.ofMinutes(4));
    return this;
  }

  void run(Duration time) throws InterruptedException {
    long end = now + time.toNanos();
    until(() -> !queue.isEmpty() && queue.peek().at() > end, time);
    now = end;
  }

  /** Lets time pass until something is so, or too much has passed. */
  boolean until(BooleanSupplier done, Duration atMost) throws InterruptedException {
    long end = now + atMost.toNanos();
    while (!done.getAsBoolean()) {
      Wake next = queue.peek();
      if (next == null || next.at() > end) {
        return done.getAsBoolean();
      }
      queue.remove();
      now = next.at();
      running = next.agent();
      next.agent().go.release();
      back.acquire();
      running = null;
    }
    return true;
  }

  Duration time() {
    return Duration.ofNanos(now);
  }

  static RolloutPlan plan(
      String canary, String batch, int maxFailures, RolloutPlan.OnFailure onFailure) {
    return new RolloutPlan(
        Optional.of(canary).filter(text -> !text.isEmpty()),
        batch,
        Duration.ofMinutes(10),
        maxFailures,
        onFailure,
        false,
        Duration.ofMinutes(10));
  }

  void promote(ImageReference image, RolloutPlan plan) {
    promotions.go(rollouts.plan(promotions.way(image, PRODUCTION, false), plan));
  }

  /** Without a rollout. */
  void promote(ImageReference image) {
    promotions.promote(image, PRODUCTION, Optional.empty());
  }

  /** Where {@code rollback} would go. */
  ImageReference formerTarget() {
    return promotions.wayBack(APP, PRODUCTION, new AuditTrail(store)).image();
  }

  /**
   * What {@code cleanup} finds to remove, without a rule for images; with {@code apply} it goes.
   */
  List<String> cleanup(boolean apply) {
    Parts person = new Parts("desk", Duration.ZERO);
    Pointers pointers =
        new Pointers(store, new Images(store, person.clock), person.clock, person.actor);
    Cleanup cleanup =
        new Cleanup(
            store, pointers, new AuditTrail(store), person.audit, person.clock, person.actor);
    Retention none = new Retention(Optional.empty(), Optional.empty(), false, 5, Optional.empty());
    Cleanup.Plan plan = apply ? cleanup.apply(APP, none, UNHEARD) : cleanup.plan(APP, none);
    return plan.removals().stream().map(Removal::name).toList();
  }

  private static final Cleanup.Listener UNHEARD =
      new Cleanup.Listener() {
        @Override
        public void removed(Removal removal) {}

        @Override
        public void kept(Removal removal, String why) {
          throw new IllegalStateException(removal.name() + " stays: " + why);
        }
      };

  Rollouts rollouts() {
    return rollouts;
  }

  Optional<RolloutState> rollout() {
    return rollouts.control().find(APP, PRODUCTION);
  }

  RolloutView view() {
    return rollouts.view(APP, PRODUCTION, rollout().orElseThrow());
  }

  List<String> running(ImageReference image) {
    return agents.values().stream()
        .filter(agent -> agent.image().equals(Optional.of(image)))
        .map(agent -> agent.name)
        .toList();
  }

  List<String> triedWith(ImageReference image) {
    return agents.values().stream()
        .filter(agent -> agent.tried.contains(image))
        .map(agent -> agent.name)
        .toList();
  }

  /** How many hosts are under way, from their begin until they have ended. */
  int active() {
    return (int) agents.values().stream().filter(agent -> agent.active).count();
  }

  List<ObjectKey> keys(String prefix) {
    List<ObjectKey> keys = new ArrayList<>();
    try (var objects = store.list(prefix)) {
      objects.forEach(object -> keys.add(object.key()));
    }
    return keys;
  }

  void forget() {
    agents.values().forEach(agent -> agent.requests.clear());
  }

  @Override
  public void close() {
    store.before((_, _) -> {});
    agents.values().forEach(agent -> agent.thread.interrupt());
    agents.values().forEach(SimulatedFleet::join);
  }

  private static void join(SimulatedAgent agent) {
    try {
      agent.thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
