package dev.s3dock.cli.deploy;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.deploy.Deployer;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Resolver.Resolved;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "deploy",
    customSynopsis = "s3dock deploy [OPTIONS] APP ENVIRONMENT [REF|VERSION]",
    description = {
      "Deploy an environment's image on this host without losing a request: pull it, start it beside the running container, check that it is healthy, move the traffic, wait for open requests, watch the new container, stop the old one. If a step fails, the moving the traffic back to the old container.",
      "The section deploy.APP of the configuration says how the app is run and reached."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock deploy --blue-green myapp production",
      "  s3dock deploy myapp production v1.3.0 --dry-run"
    })
public final class DeployCommand extends ServiceAction {
  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "REF|VERSION",
      description = "Promote this image or version to the environment first.")
  @Nullable String target;

  @Option(
      names = "--blue-green",
      description =
          "Start the new container beside the old one, then switch. This is the default, and the only strategy.")
  boolean blueGreen;

  @Option(names = "--dry-run", description = "Print what would be done, and change nothing.")
  boolean dryRun;

  @Option(
      names = "--no-pull",
      description = "Use the image in the engine; fail if the engine does not have it.")
  boolean noPull;

  @Option(
      names = "--force",
      description = "Start a new container even if the same image is live and healthy.")
  boolean force;

  @Override
  protected void run(Wiring wiring, Output output) {
    Service service = service();
    Request request = new Request(false, !noPull, force, timeout());
    Deployer deployer = wiring.deployer(service);
    if (dryRun) {
      plan(wiring, output, deployer, service, request);
      return;
    }
    if (target != null) {
      promote(wiring, target);
    }
    Deployed deployed = uninterrupted(() -> deployer.deploy(request));
    report("deploy", output, deployed);
  }

  private void plan(
      Wiring wiring, Output output, Deployer deployer, Service service, Request request) {
    Optional<ImageReference> image =
        Optional.ofNullable(target)
            .map(word -> wiring.resolver().resolve(service.app(), tag(word)))
            .map(Resolved::image)
            .map(published -> published.key().reference());
    List<String> lines = deployer.plan(image, request);
    output.result(
        "deploy",
        String.join("\n", lines),
        data -> {
          data.writeStringField("app_name", service.app().value());
          data.writeStringField("environment", service.environment().value());
          data.writeBooleanField("dry_run", true);
          data.writeArrayFieldStart("plan");
          for (String line : lines) {
            data.writeString(line);
          }
          data.writeEndArray();
        });
  }
}
