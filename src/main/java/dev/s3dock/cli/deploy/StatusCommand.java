package dev.s3dock.cli.deploy;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Ages;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Paint;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.deploy.Status;
import dev.s3dock.deploy.Status.Row;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.image.TaggedName;
import dev.s3dock.registry.BucketLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "status",
    customSynopsis = {
      "s3dock status [OPTIONS] [APP [ENVIRONMENT]]",
      "s3dock status [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Show what should run and what runs.",
      "For this host, s3dock asks the engine, the load balancer and the app; for other hosts, it"
          + " shows their last report.",
      "Without APP, all apps in the bucket are shown."
    },
    footerHeading = "%nExample:%n",
    footer = {"  s3dock status", "  s3dock status myapp production"})
public final class StatusCommand extends Action {
  @Parameters(index = "0", arity = "0..1", paramLabel = "APP", description = "Name of the app.")
  @Nullable String app;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ENVIRONMENT",
      description = "Such as production.")
  @Nullable String environment;

  @Option(
      names = "--check",
      description =
          "Exit with 1 if a host has a problem, or runs another image than the environment's.")
  boolean check;

  @Option(
      names = "--watch",
      description = "Print again whenever something has changed, until interrupted.")
  boolean watch;

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final String REPORTED = "reported ";

  private int wrong;

  @Override
  protected void run(Wiring wiring, Output output) {
    Status status = wiring.status();
    if (!watch) {
      print(status, services(wiring, status), output);
      return;
    }
    if (check || output.isJson()) {
      throw new UsageException("--watch goes with neither --check nor --json");
    }
    List<Row> before = List.of();
    while (!Thread.currentThread().isInterrupted()) {
      List<Service> services = services(wiring, status);
      List<Row> rows =
          services.stream().flatMap(service -> rows(status, service).stream()).toList();
      if (!rows.equals(before)) {
        before = rows;
        print(status, services, output);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_LOOKS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void print(Status status, List<Service> services, Output output) {
    Instant now = root().process().clock().instant();
    Listing.<Row>of("status", "deployments")
        .column("APP", "app_name", row -> row.service().app().value())
        .mayGo(1)
        .column("ENVIRONMENT", "environment", row -> row.service().environment().value())
        .cell("SHOULD RUN", row -> row.wanted().map(ImageReference::tag).orElse("-"))
        .mayGo(3)
        .cell("HOST", row -> cell(row.host()) + (row.here() ? " (here)" : ""))
        .mayGo(2)
        .cell("RUNS", row -> row.running().map(ImageReference::tag).orElse("-"))
        .cell("COLOUR", row -> cell(row.colour()))
        .mayGo(5)
        .cell("SINCE", row -> cell(row.since()), row -> cell(Ages.ofText(row.since(), now)))
        .mayGo(4)
        .cell("STATE", StatusCommand::state, row -> shownState(row, now))
        .wraps()
        .painted(row -> row.isRight() ? Paint.NONE : Paint.RED)
        .field("wanted", row -> row.wanted().map(ImageReference::toString).orElse(""))
        .field("host", Row::host)
        .field("here", Row::here)
        .field("running", row -> row.running().map(ImageReference::toString).orElse(""))
        .field("colour", Row::colour)
        .field("since", Row::since)
        .field("state", Row::state)
        .field("healthy", Row::healthy)
        .field("current", Row::isCurrent)
        .end(this::judge)
        .print(
            root().process(),
            output,
            rows ->
                services.forEach(service -> rows(status, service).forEach(row -> hand(row, rows))));
  }

  private void hand(Row row, Consumer<Row> rows) {
    if (!row.isRight()) {
      wrong++;
    }
    rows.accept(row);
  }

  private void judge() {
    if (check && wrong > 0) {
      throw new DeployException(
          DeployException.Kind.FAILED,
          "%d of the deployments shown have a problem, or run another image than they should"
              .formatted(wrong));
    }
  }

  private static String state(Row row) {
    String state = Printable.time(row.state());
    return row.healthy() && !row.isRight() ? state + ", but not what should run" : state;
  }

  /** A report of another host is so old, for a person. */
  private static String shownState(Row row, Instant now) {
    String text = state(row);
    return text.startsWith(REPORTED)
        ? REPORTED + Ages.ofText(text.substring(REPORTED.length()), now)
        : text;
  }

  private static String cell(String text) {
    return text.isEmpty() ? "-" : Printable.of(text);
  }

  private List<Service> services(Wiring wiring, Status status) {
    if (app != null && (environment != null || TaggedName.isIn(app))) {
      Names.AppEnvironment named = names(wiring).environment(app, environment);
      Service service = new Service(named.app(), named.environment());
      requireKnown(service, wiring, status);
      return List.of(service);
    }
    List<AppName> apps;
    if (app == null) {
      apps = wiring.registry().catalog().apps();
    } else {
      apps = List.of(new AppName(app));
      wiring.registry().catalog().requireApp(apps.getFirst());
    }
    List<Service> services = new ArrayList<>();
    for (AppName name : apps) {
      wiring
          .registry()
          .catalog()
          .environments(name, entry -> services.add(new Service(name, entry.name())));
    }
    return services;
  }

  /** One that was removed may still run on a host; one that nobody knows of is a mistyped name. */
  private static void requireKnown(Service service, Wiring wiring, Status status) {
    boolean known =
        wiring
                .registry()
                .pointers()
                .isThere(BucketLayout.pointer(service.app(), service.environment()))
            || rows(status, service).stream().anyMatch(row -> !row.host().isEmpty());
    if (!known) {
      throw wiring.registry().catalog().noEnvironment(service.app(), service.environment());
    }
  }

  private static List<Row> rows(Status status, Service service) {
    return ServiceAction.uninterrupted(() -> status.of(service));
  }
}
