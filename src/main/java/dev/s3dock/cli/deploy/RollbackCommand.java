package dev.s3dock.cli.deploy;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.registry.promotion.Promotions.Promoted;
import dev.s3dock.registry.promotion.Promotions.Way;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "rollback",
    customSynopsis = {
      "s3dock rollback [OPTIONS] [APP] ENVIRONMENT",
      "s3dock rollback [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Move an environment back to its previous image.",
      "If this host runs the app, move the traffic too. If the previous container was kept, it is started again; otherwise the image is pulled and deployed as by s3dock deploy.",
      "The previous image is the last one that was live; an image is passed over if it never became healthy, or if its rollout failed, was aborted or stayed paused. A second rollback returns to the first image; use --to to go back further."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock rollback myapp production",
      "  s3dock rollback myapp production --to v1.1.5"
    })
public final class RollbackCommand extends ServiceAction {
  @Option(
      names = "--to",
      paramLabel = "REF|VERSION",
      description = "Roll back to this image or version (default: the environment's previous one).")
  @Nullable String to;

  @Option(names = "--dry-run", description = "Print what would be done, and change nothing.")
  boolean dryRun;

  @Override
  protected void run(Wiring wiring, Output output) {
    Service service = service(wiring, words.second());
    boolean here = wiring.runsHere(service);
    Way way =
        to == null
            ? wiring
                .registry()
                .promotions()
                .wayBack(service.app(), service.environment(), wiring.registry().auditTrail())
            : way(wiring, service, to, false);
    Promoting promoting = new Promoting(wiring, () -> way);
    Request request = new Request(true, true, false, timeout(), Optional.of(promoting));
    if (dryRun) {
      plan(
          "rollback",
          output,
          service,
          Optional.of(way.image()),
          plan(wiring, service, request, way, here));
      return;
    }
    if (here) {
      Deployed deployed = uninterrupted(() -> wiring.deployer(service).deploy(request));
      report("rollback", output, service, deployed, Optional.of(promoting));
      return;
    }
    Promoted promoted = wiring.registry().promotions().go(way);
    output.result(
        "rollback",
        "%s of %s is at %s; this host does not run it"
            .formatted(service.environment(), service.app(), promoted.image()),
        data -> {
          data.writeStringField("app_name", service.app().value());
          data.writeStringField("environment", service.environment().value());
          data.writeStringField("image_ref", promoted.image().toString());
          data.writeBooleanField("skipped", promoted.skipped());
        });
  }

  private static List<String> plan(
      Wiring wiring, Service service, Request request, Way way, boolean here) {
    return here
        ? planned(wiring.deployer(service), request)
        : List.of(
            "move %s of %s to %s, for all hosts; this host does not run it"
                .formatted(service.environment(), service.app(), way.source()));
  }
}
