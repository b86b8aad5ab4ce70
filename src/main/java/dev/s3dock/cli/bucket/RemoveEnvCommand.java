package dev.s3dock.cli.bucket;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.promotion.Removals;
import dev.s3dock.registry.promotion.Removals.Candidate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "env",
    customSynopsis = {
      "s3dock remove env [OPTIONS] [APP] ENVIRONMENT",
      "s3dock remove env [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Remove an environment of an app. Its image and its history stay. One that a host reports to be live is not removed."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock remove env myapp old-staging")
final class RemoveEnvCommand extends RemoveAction {
  @Mixin EnvironmentWords words = new EnvironmentWords();

  @Option(
      names = "--force",
      description = "Remove it also if hosts report it to be live, because they no longer exist.")
  boolean force;

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = words.in(names(wiring));
    AppName name = named.app();
    Environment where = named.environment();
    Removals removals = wiring.registry().removals();
    Candidate candidate = removals.environment(name, where, force);
    String what = "%s of %s, which is at %s".formatted(where, name, candidate.image());
    if (!dryRun) {
      if (!candidate.isGone()) {
        requireMeant(what);
      }
      removals.remove(candidate);
    }
    output.result(
        "remove env",
        outcome(what, candidate.isGone()),
        data -> {
          data.writeStringField("app_name", name.value());
          data.writeStringField("environment", where.value());
          data.writeStringField("image_ref", candidate.image().toString());
          data.writeStringField("s3_key", candidate.key());
          data.writeBooleanField("dry_run", dryRun);
          data.writeBooleanField("skipped", candidate.isGone());
        });
  }
}
