package dev.s3dock.cli.wiring;

import dev.s3dock.agent.AgentEvent;
import dev.s3dock.agent.AgentParts;
import dev.s3dock.agent.Host;
import dev.s3dock.agent.HostService;
import dev.s3dock.cli.invocation.BuildInfo;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.config.AgentKeys;
import dev.s3dock.config.AgentValues;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.WeeklyWindow;
import dev.s3dock.deploy.Deployable;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.docker.DockerEngine;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Published;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.pull.PullResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** Makes the parts of an agent; what the configuration says of services is read for each look. */
public final class AgentWiring implements Host {
  /** Of everything up to the switch: a large image over a slow line takes its time. */
  private static final Duration TIMEOUT = Duration.ofMinutes(15);

  private final Wiring wiring;
  private final GlobalOptions options;
  private final ProcessContext process;
  private volatile ConfigFile file;
  private volatile HostWiring host;

  /** Kept from look to look, for as long as they answer. */
  private final Queue<DockerEngine> engines = new ConcurrentLinkedQueue<>();

  /** With the bucket that the options and the configuration name now. */
  public AgentWiring(Wiring wiring, GlobalOptions options) {
    this.wiring = wiring;
    this.options = options;
    this.process = options.process();
    this.file = wiring.file();
    this.host = wiring.host(file);
  }

  /** What an agent works with; the log is told of what happens. */
  public AgentParts parts(AgentEvent.Log log) {
    return new AgentParts(
        wiring.store(),
        wiring.registry().deployments(),
        wiring.registry().rollouts(),
        this,
        log,
        new BuildInfo().version(),
        process.clock(),
        System::nanoTime);
  }

  @Override
  public Plan plan() {
    ConfigFile now = file.again(options.configFile(), process.workingDirectory(), process.home());
    List<Service> services =
        now.followed().entrySet().stream()
            .flatMap(app -> app.getValue().stream().map(name -> new Service(app.getKey(), name)))
            .toList();
    if (!now.equals(file)) {
      file = now;
      host = wiring.host(now);
    }
    return new Plan(
        services, now.agent().get(AgentKeys.INTERVAL), now.agent().get(AgentKeys.PARALLEL));
  }

  @Override
  public HostService service(Service service, DeployProgress progress) {
    HostWiring host = this.host;
    String settings = host.fingerprint(service);
    String who =
        "the agent (process %d of %s)"
            .formatted(ProcessHandle.current().pid(), wiring.registry().actor().user());
    DockerEngine engine = engine();
    try {
      Deployable deployer =
          wiring.deployer(
              service,
              host,
              () -> engine,
              () -> wiring.transfers().puller(quiet(progress)),
              who,
              progress);
      boolean byEngine = host.target(service).isEmpty();
      return new Connected(
          settings, deployer, engine, byEngine, image -> fetch(image, engine, progress));
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  private DockerEngine engine() {
    DockerEngine kept = engines.poll();
    return kept != null
        ? kept
        : DockerEngine.connect(process.environment(), wiring.settings().dockerTimeout());
  }

  /** Into the cache of this host, where it keeps one. */
  private void fetch(ImageReference image, DockerEngine engine, DeployProgress progress) {
    if (!wiring.transfers().chunkCache().isUsed()) {
      return;
    }
    try {
      Published published =
          wiring
              .transfers()
              .platforms()
              .pick(wiring.registry().images().require(image), engine.info().platform());
      PullResult fetched = wiring.transfers().puller(quiet(progress)).prefetch(published, engine);
      if (!fetched.skipped()) {
        progress.note("%s is fetched ahead".formatted(image));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Warnings alone. */
  private static TransferProgress quiet(DeployProgress progress) {
    return new TransferProgress() {
      @Override
      public Step begin(String name, long total) {
        return NONE.begin(name, total);
      }

      @Override
      public void warn(String text) {
        progress.note(text);
      }
    };
  }

  @Override
  public Optional<ZonedDateTime> closedUntil() {
    AgentValues agent = file.agent();
    List<WeeklyWindow> windows = agent.windows();
    ZoneId zone = agent.find(AgentKeys.TIME_ZONE).orElseGet(ZoneId::systemDefault);
    Instant now = process.clock().instant();
    return windows.stream().anyMatch(window -> window.contains(now, zone))
        ? Optional.empty()
        : windows.stream()
            .map(window -> window.next(now, zone))
            .min(Comparator.naturalOrder())
            .map(opens -> opens.atZone(zone));
  }

  @Override
  public List<String> labels() {
    return file.agent().labels();
  }

  @Override
  public long diskFree() {
    try {
      return Files.getFileStore(TransferWiring.spool(process)).getUsableSpace();
    } catch (IOException e) {
      return 0;
    }
  }

  /** An image that the agent has decided on: the environment is not asked again, nor moved. */
  private record Decided(ImageReference image) implements EnvironmentMove {
    @Override
    public void move() {}

    @Override
    public boolean stands() {
      return true;
    }

    @Override
    public String describe() {
      return "the agent moves no environment";
    }
  }

  /** A service for one step. */
  private final class Connected implements HostService {
    private final String settings;
    private final Deployable deployer;
    private final DockerEngine engine;
    private final boolean byEngine;
    private final Consumer<ImageReference> fetch;

    /** Else the next look connects anew: engine, context or certificates may be others by then. */
    private boolean answered;

    /**
     * With what a look needs.
     *
     * @param byEngine false if a target keeps it, and the engine of this host has no part in it
     */
    Connected(
        String settings,
        Deployable deployer,
        DockerEngine engine,
        boolean byEngine,
        Consumer<ImageReference> fetch) {
      this.settings = settings;
      this.deployer = deployer;
      this.engine = engine;
      this.byEngine = byEngine;
      this.fetch = fetch;
    }

    @Override
    public String settings() {
      return settings;
    }

    @Override
    public Standing standing() throws InterruptedException {
      answered = false;
      Standing standing = deployer.standing();
      answered = !(standing instanceof Standing.Unknown);
      return standing;
    }

    @Override
    public Deployed deploy(ImageReference image) throws InterruptedException {
      answered = false;
      try {
        return deployer.deploy(
            new Request(false, true, false, TIMEOUT, Optional.of(new Decided(image))));
      } finally {
        System.gc(); // gives back what the pull took: nothing else does while the agent waits
      }
    }

    @Override
    public void prefetch(ImageReference image) {
      if (byEngine) {
        fetch.accept(image);
      }
    }

    @Override
    public boolean engineAnswers() {
      if (!byEngine) {
        return true; // of a target that does not answer, its program tells
      }
      try {
        engine.info();
        return true;
      } catch (EngineException e) {
        return false;
      }
    }

    @Override
    public void close() {
      if (answered) {
        engines.add(engine);
      } else {
        engine.close();
      }
    }
  }
}
