package dev.s3dock.cli.deploy;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.Printable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "retry",
    customSynopsis = {
      "s3dock agent retry [OPTIONS] [APP] ENVIRONMENT",
      "s3dock agent retry [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Let a host's agent try again what was not fit there.",
      "It does so at its next look. Asked for through the bucket, so that it can be done from anywhere."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock agent retry myapp production",
      "  s3dock agent retry myapp production --host web-3"
    })
public final class AgentRetryCommand extends Action {
  @Mixin EnvironmentWords words = new EnvironmentWords();

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "As s3dock status names it (default: this one).")
  @Nullable String host;

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = names(wiring).environment(words.first(), words.second());
    String of = host == null ? wiring.registry().deployments().host() : host;
    wiring.registry().deployments().retry(named.app(), named.environment(), of);
    output.result(
        "agent retry",
        "%s tries %s in %s again at its next look"
            .formatted(Printable.of(of), named.app(), named.environment()),
        data -> {
          data.writeStringField("app_name", named.app().value());
          data.writeStringField("environment", named.environment().value());
          data.writeStringField("host", Printable.of(of));
        });
  }
}
