package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.TaggedName;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Resolver.Resolved;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Promotions.Promoted;
import dev.s3dock.registry.promotion.Promotions.Way;
import dev.s3dock.rollout.RolloutPlan;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "promote",
    customSynopsis = {
      "s3dock promote [OPTIONS] REF ENVIRONMENT",
      "s3dock promote [OPTIONS] [APP] VERSION ENVIRONMENT"
    },
    description = {
      "Set which image an environment runs.",
      "Name the image, a version of it, or another environment that runs it. An environment that"
          + " the app does not have yet is made only with --create, unless it is the app's first.",
      "Hosts that run s3dock agent follow it all at once, or as the options of a rollout say: canaries first, then in batches. The section rollout of the configuration has the defaults.",
      "If two users promote to one environment at the same time, one succeeds and the other fails"
          + " with exit code 4."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock promote myapp:20250721-2118-f7a5a27 production",
      "  s3dock promote myapp:v1.2.0 production --expect myapp:20250720-1045-def5678",
      "  s3dock promote myapp v1.2.0 production",
      "  s3dock promote myapp v1.2.0 production --canary label=canary --batch 10"
    })
public final class PromoteCommand extends Action {
  @Parameters(
      index = "0..2",
      arity = "2..3",
      paramLabel = "REF ENVIRONMENT | APP VERSION ENVIRONMENT",
      description =
          "Image (APP:YYYYMMDD-HHMM-hash), version (APP:VERSION) or image of another environment"
              + " (APP:ENVIRONMENT) to promote, and the environment; without APP it is that of the"
              + " configuration.")
  List<String> words = List.of();

  @Option(
      names = "--expect",
      paramLabel = "REF",
      description = "Promote only if the environment is at this image now.")
  @Nullable String expect;

  @Mixin RolloutOptions rollout = new RolloutOptions();

  @Option(names = "--create", description = "Make the environment if the app does not have it.")
  boolean create;

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName app =
        words.size() == 3
            ? new AppName(words.getFirst())
            : names(wiring).tagged(words.getFirst(), null).app();
    Environment environment = new Environment(words.getLast());
    Optional<RolloutPlan> plan = rollout.plan(wiring.file().rollout(app, environment));
    Optional<Way> way = plan.map(_ -> way(wiring, app, environment)).filter(it -> !leadsThere(it));
    boolean moves = way.isPresent();
    Promoted promoted =
        way.map(it -> wiring.registry().rollouts().plan(it, plan.orElseThrow()))
            .map(it -> wiring.registry().promotions().go(it, expected(wiring, app)))
            .orElseGet(() -> promote(wiring, app, environment));
    output.result(
        "promote",
        promoted.skipped()
            ? "%s of %s is already at %s"
                .formatted(promoted.environment(), promoted.image().app(), promoted.source())
            : "%s of %s%s is now at %s"
                    .formatted(
                        promoted.environment(),
                        promoted.image().app(),
                        promoted.created() ? ", a new environment," : "",
                        describe(promoted))
                + (moves ? rollout.note(promoted) : ""),
        data -> {
          data.writeStringField("source", promoted.source());
          data.writeStringField("environment", promoted.environment().value());
          data.writeStringField("source_type", promoted.sourceType());
          data.writeStringField("image_ref", promoted.image().toString());
          data.writeBooleanField("skipped", promoted.skipped());
          data.writeBooleanField("rollout", moves);
        });
  }

  /** A rollout to where all hosts are already is none. */
  private static boolean leadsThere(Way way) {
    return way.before()
        .filter(it -> it.sourceImage().equals(way.image().toString()))
        .filter(it -> it.sourceTag().equals(way.version().map(Version::value).orElse("")))
        .isPresent();
  }

  /** What was named: a version, or else an image. */
  private record Source(Optional<Version> version, Optional<ImageReference> image) {
    static Source of(Version version) {
      return new Source(Optional.of(version), Optional.empty());
    }
  }

  private Source source(Wiring wiring) {
    if (words.size() == 3) {
      return Source.of(new Version(words.get(1)));
    }
    TaggedName named = names(wiring).tagged(words.getFirst(), null);
    if (named.image().isPresent()) {
      return new Source(Optional.empty(), named.image());
    }
    Resolved found = wiring.registry().resolver().resolve(named.app(), named.tag());
    return found.sourceType().equals("tag")
        ? Source.of(new Version(named.tag()))
        : new Source(Optional.empty(), Optional.of(found.image().key().reference()));
  }

  private Way way(Wiring wiring, AppName app, Environment environment) {
    Promotions promotions = wiring.registry().promotions();
    Source source = source(wiring);
    return source
        .version()
        .map(version -> promotions.way(app, version, environment, create))
        .orElseGet(() -> promotions.way(source.image().orElseThrow(), environment, create));
  }

  private Promoted promote(Wiring wiring, AppName app, Environment environment) {
    Promotions promotions = wiring.registry().promotions();
    Source source = source(wiring);
    Optional<ImageReference> expected = expected(wiring, app);
    return source
        .version()
        .map(version -> promotions.promote(app, version, environment, expected, create))
        .orElseGet(
            () -> promotions.promote(source.image().orElseThrow(), environment, expected, create));
  }

  private Optional<ImageReference> expected(Wiring wiring, AppName app) {
    return Optional.ofNullable(expect)
        .map(text -> TaggedName.isIn(text) ? TaggedName.parse(text) : new TaggedName(app, text))
        .map(named -> Names.image(named, wiring.registry().resolver()));
  }

  private static String describe(Promoted promoted) {
    return promoted.sourceType().equals("tag")
        ? promoted.source() + ", which is " + promoted.image()
        : promoted.source();
  }
}
