package dev.s3dock.cli.deploy;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.TimeSpan;
import dev.s3dock.deploy.Deployable;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.TaggedName;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Resolver.Resolved;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Promotions.Way;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that changes what serves an app in an environment on this host. */
abstract class ServiceAction extends Action {
  @Mixin EnvironmentWords words = new EnvironmentWords();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description =
          "Time limit for everything up to the switch, including the wait for another deployment (default: 5m).")
  String timeout = "5m";

  /** What the words name. */
  final Service service(Wiring wiring, @Nullable String behindApp) {
    Names.AppEnvironment named = names(wiring).environment(words.first(), behindApp);
    return new Service(named.app(), named.environment());
  }

  /**
   * The way to an image or a version.
   *
   * @param word a version or a stamp-hash, alone or behind the app's name; behind that also an
   *     environment, for its image
   * @param create whether the environment may be a new one where the app has others
   */
  static Way way(Wiring wiring, Service service, String word, boolean create) {
    TaggedName named = Names.of(service.app(), word);
    Promotions promotions = wiring.registry().promotions();
    Optional<ImageReference> image = named.image();
    if (image.isEmpty() && TaggedName.isIn(word)) {
      Resolved found = wiring.registry().resolver().resolve(named.app(), named.tag());
      image =
          Optional.of(found)
              .filter(it -> !it.sourceType().equals("tag"))
              .map(it -> it.image().key().reference());
    }
    return image
        .map(it -> promotions.way(it, service.environment(), create))
        .orElseGet(
            () ->
                promotions.way(
                    service.app(), new Version(named.tag()), service.environment(), create));
  }

  static List<String> planned(Deployable deployer, Request request) {
    return uninterrupted(() -> deployer.plan(request));
  }

  /** Prints what would be done. */
  static void plan(
      String command,
      Output output,
      Service service,
      Optional<ImageReference> image,
      List<String> lines) {
    output.result(
        command,
        String.join("\n", lines),
        data -> {
          data.writeStringField("app_name", service.app().value());
          data.writeStringField("environment", service.environment().value());
          if (image.isPresent()) {
            data.writeStringField("image_ref", image.get().toString());
          }
          data.writeBooleanField("dry_run", true);
          data.writeArrayFieldStart("plan");
          for (String line : lines) {
            data.writeString(line);
          }
          data.writeEndArray();
        });
  }

  final Duration timeout() {
    return TimeSpan.limit(timeout)
        .filter(time -> !time.isZero())
        .orElseThrow(
            () -> new UsageException("--timeout must be a time such as 90s or 5m, not " + timeout));
  }

  /** Work that an interruption may end. */
  interface Work<T> {
    T run() throws InterruptedException;
  }

  static <T> T uninterrupted(Work<T> work) {
    try {
      return work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeployException(
          DeployException.Kind.FAILED, "interrupted; the traffic goes where it went before", e);
    }
  }

  static void report(
      String command,
      Output output,
      Service service,
      Deployed deployed,
      Optional<Promoting> promoting) {
    String before =
        deployed
            .previous()
            .filter(image -> !image.equals(deployed.image()))
            .map(image -> ", before: " + image)
            .orElse("");
    output.result(
        command,
        deployed.skipped()
            ? "%s is already live for %s".formatted(deployed.image(), service)
            : "%s is live for %s (%s)%s"
                .formatted(deployed.image(), service, deployed.where(), before),
        data -> {
          data.writeStringField("app_name", service.app().value());
          data.writeStringField("environment", service.environment().value());
          data.writeStringField("image_ref", deployed.image().toString());
          if (deployed.previous().isPresent()) {
            data.writeStringField("previous_image_ref", deployed.previous().get().toString());
          }
          data.writeStringField(
              "colour", deployed.backend().map(it -> it.colour().toString()).orElse(""));
          several(data, "address", "addresses", addresses(deployed));
          data.writeStringField("deployment", deployed.deployment());
          several(data, "container", "containers", deployed.containers());
          data.writeBooleanField("skipped", deployed.skipped());
          if (promoting.isPresent()) {
            data.writeBooleanField("promoted", promoting.get().hasMoved());
          }
          data.writeObjectFieldStart("durations_ms");
          for (var step : deployed.steps().entrySet()) {
            data.writeNumberField(step.getKey(), step.getValue());
          }
          data.writeEndObject();
        });
  }

  private static List<String> addresses(Deployed deployed) {
    return deployed.backend().filter(Backend::takesTraffic).stream()
        .flatMap(backend -> backend.servers().stream())
        .map(Backend.Server::address)
        .toList();
  }

  /** The first one, and all where there are more. */
  private static void several(JsonGenerator data, String one, String all, List<String> values)
      throws IOException {
    data.writeStringField(one, values.stream().findFirst().orElse(""));
    if (values.size() > 1) {
      data.writeArrayFieldStart(all);
      for (String value : values) {
        data.writeString(value);
      }
      data.writeEndArray();
    }
  }
}
