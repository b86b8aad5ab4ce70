package dev.s3dock.cli.deploy;

import dev.s3dock.agent.Agent;
import dev.s3dock.agent.ServiceView;
import dev.s3dock.agent.host.ServiceManager;
import dev.s3dock.agent.metrics.AgentMetrics;
import dev.s3dock.cli.invocation.Farewell;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.AgentLines;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.AgentWiring;
import dev.s3dock.cli.wiring.ListenAddress;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.AgentKeys;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.image.ImageReference;
import dev.s3dock.telemetry.TelemetryServer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "agent",
    customSynopsis = {"s3dock agent [OPTIONS]", "s3dock agent retry [OPTIONS] [APP] ENVIRONMENT"},
    description = {
      "Follow this host's environments: bring live what they point to.",
      "Runs until it is interrupted. The section agent of the configuration says which apps this host runs, and deploy.APP how. Each interval it looks at each environment's pointer; when that has moved, a setting has changed, or what is live is not healthy any more, it deploys as s3dock deploy does. An image that is not fit is not tried again until the pointer or the settings change; everything else is tried again with growing pauses.",
      "Writes a line to stderr for each thing that happens, and reports to the bucket, see s3dock status. On SIGTERM and Ctrl-C it ends; a deployment that is under way goes back first."
    },
    subcommands = AgentRetryCommand.class,
    footerHeading = "%nExample:%n",
    footer = {"  s3dock agent", "  s3dock agent --once", "  s3dock agent retry myapp production"})
public final class AgentCommand extends Action implements Action.Group {
  @Option(
      names = "--once",
      description =
          "Look once, deploy what is due, and end: for timers. Exits with 1 if something is not as it should be.")
  boolean once;

  @Option(
      names = "--check",
      description =
          "Only say whether the agent could do its work, and what it would find; change nothing.")
  boolean check;

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    if (once && check) {
      throw new UsageException("--once and --check exclude each other");
    }
    AgentWiring parts = new AgentWiring(wiring, root());
    AgentLines log =
        new AgentLines(root().process(), output.isJson(), root().quiet, root().showsEverything());
    ServiceManager manager =
        new ServiceManager(root().process().environment(), System::nanoTime, wiring::warn);
    Agent agent = new Agent(parts.parts(log), manager);
    if (check) {
      print(output, ServiceAction.uninterrupted(() -> agent.check()));
      return;
    }
    Farewell.takes(Agent.grace());
    if (once) {
      print(output, ServiceAction.uninterrupted(agent::once));
      return;
    }
    parts.plan();
    AgentMetrics metrics = new AgentMetrics(agent::views);
    try (TelemetryServer _ = telemetry(wiring, agent, metrics)) {
      manager.ready();
      agent.run();
      manager.stopping();
    }
  }

  private static @Nullable TelemetryServer telemetry(
      Wiring wiring, Agent agent, AgentMetrics metrics) throws IOException {
    Optional<String> address = wiring.file().agent().find(AgentKeys.METRICS);
    return address.isPresent()
        ? TelemetryServer.start(
            ListenAddress.parse("agent.metrics", address.get()), metrics.registry(), agent::stuck)
        : null;
  }

  private static void print(Output output, List<ServiceView> views) {
    output.result(
        "agent",
        views.stream().map(AgentCommand::line).collect(Collectors.joining("\n")),
        data -> {
          data.writeArrayFieldStart("services");
          for (ServiceView view : views) {
            data.writeStartObject();
            data.writeStringField("app_name", view.service().app().value());
            data.writeStringField("environment", view.service().environment().value());
            data.writeStringField("wanted", text(view.wanted()));
            data.writeStringField("running", text(view.running()));
            data.writeStringField("state", view.state());
            data.writeStringField("reason", view.reason());
            data.writeEndObject();
          }
          data.writeEndArray();
        });
    long wrong = views.stream().filter(view -> !view.isRight()).count();
    if (wrong > 0) {
      throw new DeployException(
          DeployException.Kind.FAILED,
          "%d of %d are not as they should be".formatted(wrong, views.size()));
    }
  }

  private static String line(ServiceView view) {
    return "%s: %s%s"
        .formatted(
            view.service(),
            view.isRight() ? "%s is healthy".formatted(text(view.running())) : view.state(),
            view.reason().isEmpty() ? "" : ": " + view.reason());
  }

  private static String text(Optional<ImageReference> image) {
    return image.map(ImageReference::toString).orElse("");
  }
}
