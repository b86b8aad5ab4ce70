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
import dev.s3dock.registry.promotion.Promotions.Promoted;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
      "If two users promote to one environment at the same time, one succeeds and the other fails"
          + " with exit code 4."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock promote myapp:20250721-2118-f7a5a27 production",
      "  s3dock promote myapp:v1.2.0 production --expect myapp:20250720-1045-def5678",
      "  s3dock promote myapp v1.2.0 production"
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

  @Option(names = "--create", description = "Make the environment if the app does not have it.")
  boolean create;

  @Override
  protected void run(Wiring wiring, Output output) {
    Promoted promoted = promote(wiring);
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
                    describe(promoted)),
        data -> {
          data.writeStringField("source", promoted.source());
          data.writeStringField("environment", promoted.environment().value());
          data.writeStringField("source_type", promoted.sourceType());
          data.writeStringField("image_ref", promoted.image().toString());
          data.writeBooleanField("skipped", promoted.skipped());
        });
  }

  private Promoted promote(Wiring wiring) {
    if (words.size() == 3) {
      AppName app = new AppName(words.get(0));
      return promote(wiring, app, new Version(words.get(1)), new Environment(words.get(2)));
    }
    TaggedName named = names(wiring).tagged(words.get(0), null);
    Environment environment = new Environment(words.get(1));
    Optional<Resolved> found =
        named.image().isPresent()
            ? Optional.empty()
            : Optional.of(wiring.registry().resolver().resolve(named.app(), named.tag()));
    if (found.isPresent() && found.get().sourceType().equals("tag")) {
      return promote(wiring, named.app(), new Version(named.tag()), environment);
    }
    ImageReference image =
        found.map(it -> it.image().key().reference()).or(named::image).orElseThrow();
    return wiring
        .registry()
        .promotions()
        .promote(image, environment, expected(wiring, named.app()), create);
  }

  private Promoted promote(Wiring wiring, AppName app, Version version, Environment environment) {
    return wiring
        .registry()
        .promotions()
        .promote(app, version, environment, expected(wiring, app), create);
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
