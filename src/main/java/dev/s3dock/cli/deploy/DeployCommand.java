package dev.s3dock.cli.deploy;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.deploy.Deployable;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.promotion.Promotions.Way;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "deploy",
    customSynopsis = {
      "s3dock deploy [OPTIONS] [APP] ENVIRONMENT",
      "s3dock deploy [OPTIONS] APP ENVIRONMENT REF|VERSION",
      "s3dock deploy [OPTIONS] APP:ENVIRONMENT [REF|VERSION]"
    },
    description = {
      "Deploy an environment's image on this host, blue-green.",
      "No request is lost. The steps: pull the image, start it beside the running container, check that it is healthy, move the traffic, wait for open requests, watch the new container, stop the old one. If a step fails, the traffic goes back to the old container.",
      "The section deploy.APP of the configuration says how the app is run and reached."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock deploy --blue-green myapp production",
      "  s3dock deploy myapp production v1.3.0 --dry-run",
      "  s3dock deploy myapp:production myapp:staging"
    })
public final class DeployCommand extends ServiceAction {
  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "REF|VERSION",
      description =
          "Promote this image or version to the environment, once its container is healthy, and deploy it.")
  @Nullable String third;

  @Option(
      names = "--blue-green",
      description =
          "Start the new container beside the old one, then switch. This is the default, and the only strategy.")
  boolean blueGreen;

  @Option(
      names = "--create",
      description =
          "With a REF or VERSION: make the environment if the app has others, but not this one.")
  boolean create;

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
    boolean together = words.isOneWord(); // what follows is the target
    if (together && third != null) {
      throw new UsageException(
          "%s names app and environment, and one image or version may follow: leave out %s"
              .formatted(Printable.of(words.first()), Printable.of(third)));
    }
    Service service = service(wiring, together ? null : words.second());
    Optional<Promoting> promoting =
        Optional.ofNullable(together ? words.second() : third)
            .map(word -> promoting(wiring, service, word));
    Request request = new Request(false, !noPull, force, timeout(), promoting.map(it -> it));
    Deployable deployer = wiring.deployer(service);
    if (dryRun) {
      plan("deploy", output, service, promoting.map(Promoting::image), planned(deployer, request));
      return;
    }
    Deployed deployed = uninterrupted(() -> deployer.deploy(request));
    report("deploy", output, service, deployed, promoting);
  }

  /** What cannot be promoted is refused at once. */
  private Promoting promoting(Wiring wiring, Service service, String word) {
    Way asked = way(wiring, service, word, create);
    return new Promoting(wiring, dryRun ? () -> asked : () -> way(wiring, service, word, create));
  }
}
