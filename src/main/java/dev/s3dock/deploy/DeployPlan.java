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
    boolean rolling = settings.isRolling() && live.isPresent();
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
                number(settings, rolling),
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
    if (rolling) {
      lines.add(oneByOne(settings, live.orElseThrow()));
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

  private static String number(DeploySettings settings, boolean rolling) {
    if (settings.replicas() == 1) {
      return "it";
    }
    return rolling
        ? "one of it, the first of " + settings.replicas()
        : settings.replicas() + " of it";
  }

  private static String oneByOne(DeploySettings settings, Instance old) {
    return switch (settings.handover()) {
      case STOP_FIRST ->
          "for each further one stop one of %s, start it, and wait for its health"
              .formatted(old.image());
      case START_FIRST ->
          "for each further one stop one of %s, start it, and wait for its health, until one of %1$s is left"
              .formatted(old.image());
      case BLUE_GREEN ->
          "for each further one give the new ones the traffic of one of %s, drain that for up to %s, stop it, start the new one, and wait for its health, until one of %1$s is left"
              .formatted(old.image(), Durations.text(settings.drain()));
    };
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
