package dev.s3dock.cli;

import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.Service;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.Promotions.Promoted;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rollback",
    description = {
      "Go back: move the environment to what it was at before, and, where this host runs the app,"
          + " the traffic too. A container that was kept is woken; otherwise the image is pulled and"
          + " started as by deploy.",
      "Going back twice leads to where it began; --to goes further."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock rollback myapp production",
      "  s3dock rollback myapp production --to v1.1.5"
    })
final class RollbackCommand extends Action {
  @Parameters(index = "0", paramLabel = "APP", description = "Name of the app.")
  String app = "";

  @Parameters(index = "1", paramLabel = "ENVIRONMENT", description = "Such as production.")
  String environment = "";

  @Option(
      names = "--to",
      paramLabel = "REF|VERSION",
      description = "Go to this image or version (default: where the environment was before).")
  @Nullable String to;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description =
          "For all up to the switch, the wait for another deployment included (default: 5m).")
  String timeout = "5m";

  @Override
  void run(Wiring wiring, Output output) {
    Service service = new Service(new AppName(app), new Environment(environment));
    Request request = new Request(true, true, false, DeployCommand.timeout(timeout));
    boolean here = wiring.runsHere(service);
    Promoted promoted =
        to == null
            ? wiring.promotions().back(service.app(), service.environment(), wiring.auditTrail())
            : DeployCommand.promote(wiring, service, to);
    wiring.note(
        "%s of %s is now at %s".formatted(service.environment(), service.app(), promoted.image()));
    if (here) {
      DeployCommand.report(
          "rollback",
          output,
          service,
          DeployCommand.uninterrupted(() -> wiring.deployer(service).deploy(request)));
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
