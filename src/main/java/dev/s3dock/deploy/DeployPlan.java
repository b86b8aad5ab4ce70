package dev.s3dock.deploy;

import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Durations;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.image.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a deployment would do, without doing any of it. */
final class DeployPlan {
  private final DeployContext context;

  DeployPlan(DeployContext context) {
    this.context = context;
  }

  /**
   * One line for each step.
   *
   * @param image that would be brought live
   */
  List<String> lines(ImageReference image, Deployer.Request request) {
    Instances instances = context.instances();
    Optional<Instance> live = instances.live();
    DeploySettings settings = context.settings();
    List<String> lines = new ArrayList<>();
    lines.add("load balancer: " + context.loadBalancer().describe());
    lines.add("now: " + live.map(Instance::toString).orElse("nothing is live"));
    instances
        .strays()
        .forEach(stray -> lines.add("remove " + stray + ", left by an interrupted deployment"));
    lines.add(
        (request.pull() ? "pull %s unless the engine has it" : "use %s from the engine")
            .formatted(image));
    lines.add(
        "start %s as %s%s"
            .formatted(
                settings.replicas() == 1 ? "it" : settings.replicas() + " of it",
                instances.free(),
                settings
                    .publish()
                    .map(ip -> ", published on " + ip)
                    .orElse(" on its own address")));
    lines.add(
        "wait up to %s for %d healthy answers in a row: %s"
            .formatted(
                Durations.text(settings.health().deadline()),
                settings.health().passes(),
                describe(settings)));
    if (request.move().isPresent()) {
      lines.add(
          "move %s of %s to %s, for all hosts"
              .formatted(context.service().environment(), context.service().app(), image));
    }
    lines.add(
        "move the traffic to %s, and check that requests arrive there".formatted(instances.free()));
    live.ifPresent(
        old ->
            lines.add(
                "drain %s for up to %s".formatted(old.image(), Durations.text(settings.drain()))));
    lines.add("watch %s for %s".formatted(image, Durations.text(settings.bake())));
    live.ifPresent(
        old -> lines.add("%s %s".formatted(settings.keepWarm() ? "leave running" : "stop", old)));
    return lines;
  }

  private static String describe(DeploySettings settings) {
    return switch (settings.health().check()) {
      case Health.Check.Http http ->
          "GET %s on port %d, status %s".formatted(http.path(), settings.port(), http.status());
      case Health.Check.Command command -> "command " + command.command().getFirst();
      case Health.Check.OfImage ignored -> "the image's HEALTHCHECK";
      case Health.Check.Running ignored -> "its program runs";
    };
  }
}
