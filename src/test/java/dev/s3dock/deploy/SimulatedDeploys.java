package dev.s3dock.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.SimulatedHost.Killed;
import dev.s3dock.deploy.host.HostLock.Locks;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Secrets;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.UpdateStrategy;
import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EngineInfo;
import dev.s3dock.engine.EnginePush;
import dev.s3dock.engine.PullWatch;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.StubImages;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Promotions.Way;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.testing.engine.Plain;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.pull.PlatformSelector;
import dev.s3dock.transfer.pull.Puller;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A bucket in memory and a {@link SimulatedHost}, on which the real deployer works. */
final class SimulatedDeploys {
  static final AppName APP = new AppName("my-app");
  static final Environment PRODUCTION = new Environment("production");
  static final Service SERVICE = new Service(APP, PRODUCTION);
  static final ImageReference V1 = image("20250720-1045-def5678");
  static final ImageReference V2 = image("20250721-2118-f7a5a27");
  static final ImageReference V3 = image("20250722-0900-abc1234");

  private static final Duration MOMENT = Duration.ofMillis(1);

  final SimulatedHost host;
  final MemoryObjectStore store = new MemoryObjectStore();
  final AuditTrail trail = new AuditTrail(store);
  final Promotions promotions;
  private final Ticking clock = new Ticking();
  private final Path locks;
  private final Pointers pointers;
  private final ImageProvider imageProvider;
  private int replicas = 1;
  private UpdateStrategy update = UpdateStrategy.ALL_AT_ONCE;
  private final Deployments deployments;
  private final DeployReporter reporter;

  SimulatedDeploys(Path locks, Set<ImageReference> unfit) {
    this.locks = locks;
    this.host =
        new SimulatedHost(unfit.stream().map(ImageReference::toString).collect(Collectors.toSet()));
    Actor actor = new Actor("deployer", "host-1", "s3dock test");
    Images images = new Images(store, clock);
    pointers = new Pointers(store, images, clock, actor);
    Catalog catalog = new Catalog(store, pointers);
    AuditLog audit = new AuditLog(store, clock, actor);
    promotions = new Promotions(images, pointers, catalog, audit);
    var quiet = dev.s3dock.transfer.TransferProgress.NONE;
    Puller puller =
        new Puller(
            store,
            images,
            new LegacyArchives(store, locks, 0, quiet),
            0,
            1,
            ChunkCache.none(),
            quiet);
    imageProvider =
        new ImageProvider(
            pointers, catalog, images, new PlatformSelector(images), puller, new NamedImages());
    deployments = new Deployments(store, clock, actor);
    reporter = new DeployReporter(deployments, audit, trail);
    StubImages.publish(store, clock, V1, V2, V3);
  }

  private static ImageReference image(String tag) {
    return ImageReference.ofTag(APP, tag).orElseThrow();
  }

  void promote(ImageReference image) {
    promotions.promote(image, PRODUCTION, Optional.empty());
  }

  Deployed deploy() throws InterruptedException {
    return deployer(settings(1, false)).deploy(request(false));
  }

  Deployed goBack() throws InterruptedException {
    return deployer(settings(1, false)).deploy(request(true));
  }

  static Request request(boolean back) {
    return new Request(back, false, false, Duration.ofMinutes(1), Optional.empty());
  }

  /** Deploys an image, and moves the environment to it. */
  Deployed deploy(Moving move) throws InterruptedException {
    return deployer(settings(1, false)).deploy(request(move));
  }

  static Request request(Moving move) {
    return new Request(false, false, false, Duration.ofMinutes(1), Optional.of(move));
  }

  /** A promotion as late as possible; what comes right after it can be put there by a test. */
  final class Moving implements EnvironmentMove {
    private final Way way;
    private final Runnable after;
    boolean moved;

    Moving(ImageReference image, Runnable after) {
      this.way = promotions.way(image, PRODUCTION, true);
      this.after = after;
    }

    @Override
    public ImageReference image() {
      return way.image();
    }

    @Override
    public void move() {
      promotions.go(way);
      moved = true;
      after.run();
    }

    @Override
    public boolean stands() {
      return at().equals(image());
    }

    @Override
    public String describe() {
      return moved ? "it was moved" : "it was not moved";
    }
  }

  /** Image and state of this host, as a person is told. */
  String status() {
    Status.Local local = new Status.Local(replicated(settings(1, false)), host);
    try {
      Status.Row row =
          new Status(
                  pointers,
                  deployments,
                  "host-1",
                  host,
                  clock,
                  _ -> Optional.of(local),
                  _ -> Optional.empty())
              .of(SERVICE)
              .getFirst();
      return row.running().map(ImageReference::toString).orElse("nothing") + " " + row.state();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Where the environment is. */
  ImageReference at() {
    return pointers.follow(pointers.find(APP, PRODUCTION).orElseThrow()).reference();
  }

  /** True if it was killed at this call; it runs to its end if there are fewer. */
  boolean isKilledAt(int call, Action action) throws InterruptedException {
    host.killAt(call);
    try {
      action.run();
      return false;
    } catch (Killed e) {
      return true;
    } finally {
      host.killNobody();
    }
  }

  /** So many containers are live, as many of another image are kept, and nothing else is there. */
  void assertSettled(int count, ImageReference live, ImageReference kept) {
    List<String> expected = new ArrayList<>(Collections.nCopies(count, live + " RUNNING live"));
    expected.addAll(Collections.nCopies(count, kept + " EXITED"));
    assertThat(host.picture()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(host.names()).noneMatch(name -> name.endsWith("-candidate"));
  }

  /** Brings one image after the other live. */
  SimulatedDeploys withLive(ImageReference... images) throws InterruptedException {
    for (ImageReference image : images) {
      promote(image);
      deploy();
    }
    return this;
  }

  /** What may be killed. */
  interface Action {
    void run() throws InterruptedException;
  }

  Deployer deployer(DeploySettings settings) {
    return deployer(settings, Hooks.NONE);
  }

  Deployer deployer(DeploySettings settings, Hooks hooks) {
    return deployer(settings, hooks, DeployProgress.NONE);
  }

  Deployer deployer(DeploySettings settings, Hooks hooks, DeployProgress progress) {
    return deployer(settings, host, hooks, progress);
  }

  /** Behind another load balancer than the simulated one. */
  Deployer deployer(
      DeploySettings settings, LoadBalancer loadBalancer, Hooks hooks, DeployProgress progress) {
    clock.nextSecond(); // of a deployment's name, two of one second differ by chance alone
    return new Deployer(
        SERVICE,
        replicated(settings),
        host,
        loadBalancer,
        hooks,
        imageProvider,
        reporter,
        new Locks(locks, "a test"),
        clock,
        progress);
  }

  /** From now on each deployment makes so many containers. */
  SimulatedDeploys replicas(int count) {
    replicas = count;
    return this;
  }

  /** From now on they are replaced so. */
  SimulatedDeploys update(UpdateStrategy strategy) {
    update = strategy;
    return this;
  }

  private DeploySettings replicated(DeploySettings one) {
    return new DeploySettings(
        one.handover(),
        update,
        one.port(),
        replicas,
        one.publish(),
        one.health(),
        one.drain(),
        one.stopGrace(),
        one.bake(),
        one.retain(),
        one.keepWarm(),
        one.front(),
        one.run(),
        one.labels(),
        one.secrets());
  }

  static DeploySettings settings(int retain, boolean keepWarm) {
    return settings(retain, keepWarm, Map.of(), new Secrets(List.of()));
  }

  static DeploySettings settings(
      int retain, boolean keepWarm, Map<String, String> labels, Secrets secrets) {
    return settings(retain, keepWarm, labels, secrets, MOMENT);
  }

  /** With time for requests to end. */
  static DeploySettings draining(boolean keepWarm) {
    return settings(1, keepWarm, Map.of(), new Secrets(List.of()), Duration.ofMinutes(1));
  }

  /** Of an app that takes no requests. */
  static DeploySettings worker(Handover handover) {
    return new DeploySettings(
        handover,
        UpdateStrategy.ALL_AT_ONCE,
        0,
        1,
        Optional.empty(),
        new Health(
            new Health.Check.Running(), MOMENT, Duration.ofSeconds(5), 2, Duration.ofMinutes(1)),
        MOMENT,
        MOMENT,
        MOMENT,
        1,
        false,
        Optional.empty(),
        Plain.options(),
        Map.of(),
        new Secrets(List.of()));
  }

  /** Deploys it, without a load balancer. */
  Deployed deployWorker(Handover handover) throws InterruptedException {
    clock.nextSecond();
    return new Deployer(
            SERVICE,
            replicated(worker(handover)),
            host,
            new NoLoadBalancer(SERVICE, () -> host),
            Hooks.NONE,
            imageProvider,
            reporter,
            new Locks(locks, "a test"),
            clock,
            DeployProgress.NONE)
        .deploy(request(false));
  }

  /** With another check, which must pass within this time. */
  static DeploySettings checking(Health.Check check, Duration deadline) {
    return settings(
        1,
        false,
        Map.of(),
        new Secrets(List.of()),
        MOMENT,
        new Health(check, MOMENT, Duration.ofSeconds(5), 2, deadline));
  }

  private static DeploySettings settings(
      int retain, boolean keepWarm, Map<String, String> labels, Secrets secrets, Duration drain) {
    return settings(
        retain,
        keepWarm,
        labels,
        secrets,
        drain,
        new Health(
            new Health.Check.Command(List.of("/healthy")),
            MOMENT,
            Duration.ofSeconds(5),
            2,
            Duration.ofMinutes(1)));
  }

  private static DeploySettings settings(
      int retain,
      boolean keepWarm,
      Map<String, String> labels,
      Secrets secrets,
      Duration drain,
      Health health) {
    return new DeploySettings(
        Handover.BLUE_GREEN,
        UpdateStrategy.ALL_AT_ONCE,
        8080,
        1,
        Optional.of("127.0.0.1"),
        health,
        drain,
        MOMENT,
        MOMENT,
        retain,
        keepWarm,
        Optional.empty(),
        Plain.options(),
        labels,
        secrets);
  }

  /** The deployments that events say went live, in order. */
  List<String> recorded() {
    try (var objects = store.list("audit/")) {
      return objects
          .map(object -> text(object.key().value()))
          .filter(text -> text.contains("\"outcome\": \"live\""))
          .sorted(Comparator.comparing(text -> field(text, "timestamp")))
          .map(text -> field(text, "event_type") + " " + field(text, "deployment"))
          .toList();
    }
  }

  private static String field(String text, String name) {
    String from = text.substring(text.indexOf("\"" + name + "\": \"") + name.length() + 5);
    return from.substring(0, from.indexOf('"'));
  }

  List<String> events() {
    try (var objects = store.list("audit/")) {
      return objects
          .map(object -> object.key().name().replaceAll("^\\d{8}-\\d{4}-|\\.json$", ""))
          .toList();
    }
  }

  String text(String key) {
    return new String(
        store.get(new dev.s3dock.store.ObjectKey(key), 1 << 20).orElseThrow().content(), UTF_8);
  }

  /** No two times are the same; a test ends within the first minute. */
  private static final class Ticking extends Clock {
    private Instant now = Instant.parse("2025-08-02T07:30:00.250Z");

    @Override
    public synchronized Instant instant() {
      now = now.plusMillis(1);
      return now;
    }

    synchronized void nextSecond() {
      now = now.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("UTC alone");
    }
  }

  /** An engine that holds an image for every name; nothing else can be asked of it. */
  private static final class NamedImages implements Engine {
    @Override
    public EngineInfo info() {
      return new EngineInfo(
          "20.10",
          "1.41",
          new Platform("linux", "amd64", ""),
          EngineInfo.ImageStore.GRAPH_DRIVER,
          "overlay2",
          "");
    }

    @Override
    public Optional<EngineImage> inspect(String reference) {
      return Optional.of(
          new EngineImage(
              SimulatedHost.imageId(reference),
              List.of(reference),
              new Platform("linux", "amd64", ""),
              List.of(),
              Instant.EPOCH,
              Map.of()));
    }

    @Override
    public boolean handsOutLayers() {
      return false;
    }

    @Override
    public EnginePush push(String reference) {
      throw new UnsupportedOperationException(reference);
    }

    @Override
    public boolean isLocal() {
      return false;
    }

    @Override
    public void pull(String reference, Platform platform, PullWatch watch) {
      throw new UnsupportedOperationException(reference);
    }

    @Override
    public InputStream export(String reference) {
      throw new AssertionError("exported " + reference);
    }

    @Override
    public long layerBytes(String reference) {
      return -1;
    }

    @Override
    public void load(InputStream tar, ByteProgress progress) {
      throw new AssertionError("loaded");
    }

    @Override
    public void tag(String imageId, String reference) {
      throw new AssertionError("tagged " + reference);
    }

    @Override
    public void removeTag(String reference) {
      throw new AssertionError("removed " + reference);
    }

    @Override
    public List<EngineImage> images(AppName app) {
      throw new AssertionError("listed " + app);
    }

    @Override
    public List<EngineImage> images(AppName first, int most) {
      throw new AssertionError("listed " + first);
    }

    @Override
    public boolean isWhole(String reference) {
      throw new AssertionError("asked for " + reference);
    }

    @Override
    public Set<String> references(String reference) {
      throw new AssertionError("asked for " + reference);
    }

    @Override
    public Set<String> references() {
      throw new AssertionError("listed references");
    }

    @Override
    public Set<String> imageIdsInUse() {
      throw new AssertionError("listed containers");
    }

    @Override
    public String build(BuildRequest request, OutputStream progress, ByteProgress sent) {
      throw new AssertionError("built");
    }

    @Override
    public void close() {}
  }
}
