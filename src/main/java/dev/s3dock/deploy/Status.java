package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.registry.report.HostReport;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Tells what should run and what runs: of this host what engine, load balancer and app say now, of
 * others what they have reported. Changes nothing.
 */
public final class Status {
  private final Pointers pointers;
  private final Deployments deployments;
  private final String host;
  private final Containers containers;
  private final Clock clock;
  private final Function<Service, Optional<Local>> settings;
  private final Function<Service, Optional<Deployable>> targets;

  /** How this host deploys a service. */
  public record Local(DeploySettings settings, LoadBalancer loadBalancer) {}

  /**
   * One host of one service.
   *
   * @param wanted what the environment is to run; empty if nothing was promoted, or that leads
   *     nowhere
   * @param host empty where no host runs it
   * @param here true for this host, which was asked just now
   * @param running what runs there; empty if nothing does
   * @param colour {@code blue} or {@code green}; empty where nothing runs
   * @param since when it went live, RFC 3339; empty if that is not known
   * @param state in words: {@code healthy}, or what is wrong
   * @param healthy false if something is wrong; of other hosts, what they reported counts as right
   * @param waits true if the turn of that host in a rollout has not come
   */
  public record Row(
      Service service,
      Optional<ImageReference> wanted,
      String host,
      boolean here,
      Optional<ImageReference> running,
      String colour,
      String since,
      String state,
      boolean healthy,
      boolean waits) {
    /** True if what runs is what should. */
    public boolean isCurrent() {
      return running.isPresent() && running.equals(wanted);
    }

    /** True if nothing is wrong, and what runs, if anything does, is what should at the moment. */
    public boolean isRight() {
      return healthy && (running.isEmpty() || isCurrent() || waits);
    }
  }

  /**
   * Reads pointers and reports from the bucket, and this host's containers from its engine.
   *
   * @param host the name under which this host reports
   * @param clock tells how old a report is
   * @param settings of this host; empty for a service that is not deployed here
   * @param targets of the services that a program keeps elsewhere for this host
   */
  public Status(
      Pointers pointers,
      Deployments deployments,
      String host,
      Containers containers,
      Clock clock,
      Function<Service, Optional<Local>> settings,
      Function<Service, Optional<Deployable>> targets) {
    this.pointers = pointers;
    this.deployments = deployments;
    this.host = host;
    this.containers = containers;
    this.clock = clock;
    this.settings = settings;
    this.targets = targets;
  }

  /** All hosts of a service, this one first; one row without a host if there is none. */
  public List<Row> of(Service service) throws InterruptedException {
    Optional<ImageReference> wanted = wanted(service);
    List<HostReport> reports = deployments.of(service.app(), service.environment());
    Optional<HostReport> own = reports.stream().filter(r -> r.host().equals(host)).findFirst();
    List<Row> rows = new ArrayList<>();
    Optional<Deployable> target = targets.apply(service);
    Optional<Row> here =
        target.isPresent()
            ? atTarget(service, wanted, own, target.get().standing())
            : here(service, wanted, own);
    here.map(row -> withAgent(row, own)).ifPresent(rows::add);
    for (HostReport report : reports) {
      if (!report.host().equals(host)) {
        rows.add(elsewhere(service, wanted, report));
      }
    }
    if (rows.isEmpty()) {
      rows.add(
          new Row(
              service,
              wanted,
              "",
              false,
              Optional.empty(),
              "",
              "",
              "no host has reported",
              true,
              false));
    }
    return rows;
  }

  /** Of this host the agent is not asked what runs, but whether it follows. */
  private Row withAgent(Row row, Optional<HostReport> own) {
    Optional<String> silent = own.flatMap(it -> ReportedState.silence(it, clock.instant()));
    Optional<String> remark = silent.or(() -> own.flatMap(it -> ReportedState.behind(it, row)));
    return remark
        .map(
            text ->
                new Row(
                    row.service(),
                    row.wanted(),
                    row.host(),
                    row.here(),
                    row.running(),
                    row.colour(),
                    row.since(),
                    row.state() + "; " + text,
                    row.healthy() && silent.isEmpty(),
                    silent.isEmpty() && own.filter(ReportedState::waits).isPresent()))
        .orElse(row);
  }

  private Row elsewhere(Service service, Optional<ImageReference> wanted, HostReport report) {
    ReportedState said = ReportedState.of(report, clock.instant());
    return new Row(
        service,
        wanted,
        report.host(),
        false,
        said.running(),
        said.running().isPresent() ? report.colour() : "",
        said.running().isPresent() ? report.since() : "",
        said.state(),
        said.healthy(),
        ReportedState.waits(report));
  }

  private Optional<ImageReference> wanted(Service service) {
    try {
      return pointers
          .find(service.app(), service.environment())
          .map(pointer -> pointers.follow(pointer).reference());
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  private Optional<Row> here(
      Service service, Optional<ImageReference> wanted, Optional<HostReport> own)
      throws InterruptedException {
    List<Instance> instances;
    try {
      instances = Instances.instances(service, containers);
    } catch (EngineException e) {
      return own.map(
          r ->
              row(
                  service,
                  wanted,
                  r.image(),
                  r.colour(),
                  r.since(),
                  "the engine does not answer",
                  false));
    }
    if (instances.isEmpty() && own.isEmpty()) {
      return Optional.empty();
    }
    Optional<Local> local = settings.apply(service);
    return Optional.of(
        local.isPresent()
            ? asked(service, wanted, own, new Instances(instances, List.of()), local.get())
            : byContainers(
                service, wanted, own, instances, "runs; it is not configured on this host", true));
  }

  private Optional<Row> atTarget(
      Service service,
      Optional<ImageReference> wanted,
      Optional<HostReport> own,
      Standing standing) {
    return switch (standing) {
      case Standing.Unknown unknown ->
          Optional.of(
              row(
                  service,
                  wanted,
                  own.flatMap(HostReport::image),
                  "",
                  own.map(HostReport::since).orElse(""),
                  unknown.problem(),
                  false));
      case Standing.Down down ->
          own.isEmpty() ? Optional.empty() : Optional.of(nothing(service, wanted, down.problem()));
      case Standing.Live live ->
          Optional.of(
              row(
                  service,
                  wanted,
                  live.running(),
                  "",
                  own.filter(r -> r.deployment().equals(live.deployment()))
                      .map(HostReport::since)
                      .orElse(""),
                  live.problem()
                      .orElse(live.proven() ? "healthy" : "healthy; its deployment has not ended"),
                  live.problem().isEmpty()));
    };
  }

  /** Where nobody can be asked about traffic, a container that runs is all that there is to say. */
  private Row byContainers(
      Service service,
      Optional<ImageReference> wanted,
      Optional<HostReport> own,
      List<Instance> instances,
      String state,
      boolean healthy) {
    return instances.stream()
        .filter(Instance::isRunning)
        .findFirst()
        .map(
            i ->
                row(
                    service,
                    wanted,
                    Optional.of(i.image()),
                    i.colour().toString(),
                    since(own, i),
                    state,
                    healthy))
        .orElseGet(() -> nothing(service, wanted, healthy ? "nothing runs" : state));
  }

  private Row asked(
      Service service,
      Optional<ImageReference> wanted,
      Optional<HostReport> own,
      Instances seen,
      Local local)
      throws InterruptedException {
    Instances instances;
    try {
      instances = new Instances(seen.instances(), local.loadBalancer().serving());
    } catch (LoadBalancerException e) {
      String state = String.valueOf(e.getMessage());
      return byContainers(service, wanted, own, seen.instances(), state, false);
    }
    if (instances.live().isEmpty()) {
      return nothing(
          service,
          wanted,
          instances.serving().stream()
              .findFirst()
              .map(to -> "traffic goes to %s, but there is no container".formatted(to.address()))
              .orElse(
                  local.settings().handover().takesTraffic()
                      ? "no container gets traffic"
                      : "no container runs"));
    }
    Instance live = instances.live().get();
    DeployContext context =
        new DeployContext(
            service,
            local.settings(),
            containers,
            local.loadBalancer(),
            Hooks.NONE,
            DeployProgress.NONE);
    Optional<String> problem = context.problem(instances);
    String state =
        problem.orElseGet(
            () ->
                (live.replicas() == 1 ? "healthy" : "healthy (%d)".formatted(live.replicas()))
                    + unfinished(instances, live));
    return row(
        service,
        wanted,
        Optional.of(live.image()),
        live.colour().toString(),
        since(own, live),
        state,
        problem.isEmpty());
  }

  private static String unfinished(Instances instances, Instance live) {
    if (instances.isShared()) {
      return "; %s is replacing it, and has not ended"
          .formatted(
              instances
                  .successor()
                  .map(it -> "the deployment of " + it.image())
                  .orElse("a deployment"));
    }
    return live.isCandidate() ? "; its deployment has not ended" : "";
  }

  private Row nothing(Service service, Optional<ImageReference> wanted, String state) {
    return row(service, wanted, Optional.empty(), "", "", state, false);
  }

  private Row row(
      Service service,
      Optional<ImageReference> wanted,
      Optional<ImageReference> running,
      String colour,
      String since,
      String state,
      boolean healthy) {
    return new Row(service, wanted, host, true, running, colour, since, state, healthy, false);
  }

  private static String since(Optional<HostReport> own, Instance instance) {
    return own.filter(r -> r.deployment().equals(instance.deployment()))
        .map(HostReport::since)
        .orElseGet(
            () ->
                Optional.of(instance.containers().getFirst())
                    .flatMap(Container::started)
                    .map(at -> at.truncatedTo(ChronoUnit.SECONDS))
                    .map(Instant::toString)
                    .orElse(""));
  }
}
