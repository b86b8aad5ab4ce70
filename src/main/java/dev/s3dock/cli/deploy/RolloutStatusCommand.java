package dev.s3dock.cli.deploy;

import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Paint;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.Printable;
import dev.s3dock.rollout.HostProgress;
import dev.s3dock.rollout.RolloutState;
import dev.s3dock.rollout.RolloutView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "status",
    customSynopsis = {
      "s3dock rollout status [OPTIONS] [APP] ENVIRONMENT",
      "s3dock rollout status [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Show how far a rollout has got: all hosts in the order of their turns.",
      "A line on stderr says how it stands as a whole, and why. A host is silent if it has missed three reports: it is passed over, and follows when it is back."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock rollout status myapp production")
public final class RolloutStatusCommand extends Action {
  @Mixin EnvironmentWords words = new EnvironmentWords();

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = names(wiring).environment(words.first(), words.second());
    RolloutState rollout =
        wiring.registry().rollouts().control().require(named.app(), named.environment());
    RolloutView view = wiring.registry().rollouts().view(named.app(), named.environment(), rollout);
    RolloutView.Condition condition = view.condition();
    wiring.note(
        "%s of %s, %s: %s%s; %d at once"
            .formatted(
                named.environment(),
                named.app(),
                Printable.of(rollout.pointer().sourceImage()),
                condition.phase(),
                condition.reason().isEmpty() ? "" : ", " + Printable.of(condition.reason()),
                rollout.atOnce()));
    Listing.<HostProgress>of("rollout status", "hosts")
        .about("app_name", named.app().value())
        .about("environment", named.environment().value())
        .about("image_ref", Printable.of(rollout.pointer().sourceImage()))
        .about("phase", condition.phase().toString())
        .about("reason", condition.reason())
        .about("at_once", rollout.atOnce())
        .column("HOST", "host", HostProgress::host)
        .column("CANARY", "canary", host -> view.isCanary(host.host()) ? "yes" : "no")
        .column("STATE", "state", host -> state(view, host))
        .painted(host -> host.failed() ? Paint.RED : Paint.NONE)
        .print(root().process(), output, rows -> view.inOrder().forEach(rows));
  }

  private static String state(RolloutView view, HostProgress host) {
    String silent = view.isSilent(host) ? ", silent" : "";
    return host.failed()
        ? "failed"
        : host.healthy() ? "healthy" : (host.begun() ? "under way" : "waiting") + silent;
  }
}
