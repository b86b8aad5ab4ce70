package dev.s3dock.cli;

import dev.s3dock.config.ConfigFile;
import dev.s3dock.deploy.DeployException;
import dev.s3dock.deploy.Deployer;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.Service;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Promotions.Promoted;
import dev.s3dock.registry.Resolver.Resolved;
import java.time.Duration;
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
      "Bring an environment's image live on this host without losing a request: pull it, start it"
          + " beside what runs, see that it is healthy, move the traffic, let running requests end,"
          + " watch it, stop the old one. If anything fails, what served before serves again.",
      "How an app is run and reached is said in the configuration, below deploy.APP."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock deploy --blue-green myapp production",
      "  s3dock deploy myapp production v1.3.0 --dry-run"
    })
final class DeployCommand extends Action {
  @Parameters(index = "0", paramLabel = "APP", description = "Name of the app.")
  String app = "";

  @Parameters(index = "1", paramLabel = "ENVIRONMENT", description = "Such as production.")
  String environment = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "REF|VERSION",
      description = "Promote this image or version to the environment first.")
  @Nullable String target;

  @Option(
      names = "--blue-green",
      description = "Beside what runs, then in its place: the one way there is, and the default.")
  boolean blueGreen;

  @Option(names = "--dry-run", description = "Say what would be done, and touch nothing.")
  boolean dryRun;

  @Option(
      names = "--no-pull",
      description = "Take the image that the engine holds; fail if it holds another one.")
  boolean noPull;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description =
          "For all up to the switch, the wait for another deployment included (default: 5m).")
  String timeout = "5m";

  @Option(
      names = "--force",
      description = "Make a new container although the same one is live and healthy.")
  boolean force;

  @Override
  void run(Wiring wiring, Output output) {
    Service service = new Service(new AppName(app), new Environment(environment));
    Request request = new Request(false, !noPull, force, timeout(timeout));
    Deployer deployer = wiring.deployer(service);
    if (dryRun) {
      plan(wiring, output, deployer, service, request);
      return;
    }
    if (target != null) {
      promote(wiring, service, target);
    }
    Deployed deployed = uninterrupted(() -> deployer.deploy(request));
    report("deploy", output, service, deployed);
  }

  private void plan(
      Wiring wiring, Output output, Deployer deployer, Service service, Request request) {
    Optional<ImageReference> image =
        Optional.ofNullable(target)
            .map(word -> wiring.resolver().resolve(service.app(), tag(service, word)))
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

  /** The part of a reference that the app's name leaves; a version as it is. */
  private static String tag(Service service, String word) {
    String prefix = service.app() + ":";
    return word.startsWith(prefix) ? word.substring(prefix.length()) : word;
  }

  /** Promotes an image, as stamp-hash or as a whole reference, or a version. */
  static Promoted promote(Wiring wiring, Service service, String word) {
    return ImageReference.ofTag(service.app(), tag(service, word))
        .map(image -> wiring.promotions().promote(image, service.environment(), Optional.empty()))
        .orElseGet(
            () ->
                wiring
                    .promotions()
                    .promote(
                        service.app(), new Version(word), service.environment(), Optional.empty()));
  }

  static Duration timeout(String text) {
    return ConfigFile.duration(text)
        .filter(time -> !time.isZero())
        .orElseThrow(
            () -> new UsageException("--timeout takes a time such as 90s or 5m, not " + text));
  }

  /** A step that an interruption may end. */
  interface Step<T> {
    T run() throws InterruptedException;
  }

  static <T> T uninterrupted(Step<T> step) {
    try {
      return step.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeployException(
          DeployException.Kind.FAILED, "interrupted; what served before serves", e);
    }
  }

  static void report(String command, Output output, Service service, Deployed deployed) {
    String before =
        deployed
            .previous()
            .filter(image -> !image.equals(deployed.image()))
            .map(image -> ", before: " + image)
            .orElse("");
    output.result(
        command,
        deployed.skipped()
            ? "%s is live for %s already".formatted(deployed.image(), service)
            : "%s is live for %s (%s)%s"
                .formatted(deployed.image(), service, deployed.backend(), before),
        data -> {
          data.writeStringField("app_name", service.app().value());
          data.writeStringField("environment", service.environment().value());
          data.writeStringField("image_ref", deployed.image().toString());
          if (deployed.previous().isPresent()) {
            data.writeStringField("previous_image_ref", deployed.previous().get().toString());
          }
          data.writeStringField("colour", deployed.backend().colour().toString());
          data.writeStringField("address", deployed.backend().address());
          data.writeStringField("deployment", deployed.deployment());
          data.writeStringField("container", deployed.container());
          data.writeBooleanField("skipped", deployed.skipped());
          data.writeObjectFieldStart("durations_ms");
          for (var step : deployed.steps().entrySet()) {
            data.writeNumberField(step.getKey(), step.getValue());
          }
          data.writeEndObject();
        });
  }
}
