package dev.s3dock.cli.deploy;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.registry.promotion.Promotions.Promoted;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "rollback",
    description = {
      "Roll back: move the environment to its previous image and, if this host runs the app, move the traffic too. If the previous container was kept, it is started again; otherwise the image is pulled and deployed as by s3dock deploy.",
      "A second rollback returns to the first image; use --to to go back further."
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

  @Override
  protected void run(Wiring wiring, Output output) {
    Service service = service();
    Request request = new Request(true, true, false, timeout());
    boolean here = wiring.runsHere(service);
    Promoted promoted =
        to == null
            ? wiring.promotions().back(service.app(), service.environment(), wiring.auditTrail())
            : promote(wiring, to);
    wiring.note(
        "%s of %s is now at %s".formatted(service.environment(), service.app(), promoted.image()));
    if (here) {
      report("rollback", output, uninterrupted(() -> wiring.deployer(service).deploy(request)));
      return;
    }
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
}
