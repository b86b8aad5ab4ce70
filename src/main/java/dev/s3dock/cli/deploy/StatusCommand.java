package dev.s3dock.cli.deploy;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.deploy.Status;
import dev.s3dock.deploy.Status.Row;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "status",
    customSynopsis = "s3dock status [OPTIONS] [APP [ENVIRONMENT]]",
    description = {
      "Show what should run and what runs. For this host, s3dock asks the engine, the load balancer and the app; for other hosts, it shows their last report.",
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

  @Override
  protected void run(Wiring wiring, Output output) {
    Status status = wiring.status();
    List<Service> services = services(wiring);
    if (output.isJson()) {
      output.stream(
          "status",
          data -> {
            data.writeArrayFieldStart("deployments");
            for (Service service : services) {
              for (Row row : rows(status, service)) {
                write(row, data);
              }
            }
            data.writeEndArray();
          });
      return;
    }
    Table table =
        new Table(
            root().process(),
            "APP",
            "ENVIRONMENT",
            "SHOULD RUN",
            "HOST",
            "RUNS",
            "COLOUR",
            "SINCE",
            "STATE");
    for (Service service : services) {
      for (Row row : rows(status, service)) {
        table.row(cells(row));
      }
    }
    table.end();
  }

  private List<Service> services(Wiring wiring) {
    if (app != null && environment != null) {
      return List.of(new Service(new AppName(app), new Environment(environment)));
    }
    List<AppName> apps;
    if (app == null) {
      apps = wiring.catalog().apps();
    } else {
      apps = List.of(new AppName(app));
      wiring.catalog().requireApp(apps.getFirst());
    }
    List<Service> services = new ArrayList<>();
    for (AppName name : apps) {
      wiring.catalog().environments(name, entry -> services.add(new Service(name, entry.name())));
    }
    return services;
  }

  private static List<Row> rows(Status status, Service service) {
    return ServiceAction.uninterrupted(() -> status.of(service));
  }

  private static String[] cells(Row row) {
    return new String[] {
      row.service().app().value(),
      row.service().environment().value(),
      row.wanted().map(ImageReference::tag).orElse("-"),
      row.host().isEmpty() ? "-" : Printable.of(row.host()) + (row.here() ? " (here)" : ""),
      row.running().map(ImageReference::tag).orElse("-"),
      row.colour().isEmpty() ? "-" : Printable.of(row.colour()),
      row.since().isEmpty() ? "-" : Printable.of(row.since()),
      Printable.of(row.state())
    };
  }

  private static void write(Row row, JsonGenerator data) throws IOException {
    data.writeStartObject();
    data.writeStringField("app_name", row.service().app().value());
    data.writeStringField("environment", row.service().environment().value());
    data.writeStringField("wanted", row.wanted().map(ImageReference::toString).orElse(""));
    data.writeStringField("host", row.host());
    data.writeBooleanField("here", row.here());
    data.writeStringField("running", row.running().map(ImageReference::toString).orElse(""));
    data.writeStringField("colour", row.colour());
    data.writeStringField("since", row.since());
    data.writeStringField("state", row.state());
    data.writeBooleanField("healthy", row.healthy());
    data.writeBooleanField("current", row.isCurrent());
    data.writeEndObject();
  }
}
