package dev.s3dock.cli.render;

import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.Settings;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is in force, for people: a line for each setting; no secret is shown. */
public final class ConfigText {
  private final StringBuilder out = new StringBuilder();

  private ConfigText() {}

  /**
   * Of the settings of one command.
   *
   * @param endpoint of the store, whoever has said it; empty at Amazon
   * @param proxy on the way to the store
   * @param certificates of the authorities that the store's is checked by, beside the runtime's
   */
  public static String of(
      ConfigFile file,
      Settings settings,
      Optional<URI> endpoint,
      Optional<URI> proxy,
      Optional<Path> certificates) {
    ConfigText text = new ConfigText();
    text.line("file:", file.path().map(Path::toString), "(none: defaults, variables and options)");
    text.line("profile:", Optional.of(settings.profile()), "");
    text.line("bucket:", settings.bucket(), "(none)");
    text.line("region:", settings.region(), "(from the AWS default chain)");
    text.line("endpoint:", endpoint.map(it -> Printable.address(it.toString())), "(Amazon S3)");
    text.line(
        "access key:",
        settings.credentials().map(Settings.Credentials::masked),
        "(from the AWS default chain)");
    text.line(
        "writes:",
        Optional.of("conditional").filter(_ -> !settings.conditionalWritesOff()),
        "without conditions (conditional_writes is off)");
    text.line("proxy:", proxy.map(it -> Printable.address(it.toString())), "(none)");
    text.line("trusts:", certificates.map(Path::toString), "(the certificates of the runtime)");
    settings.general().forEach((key, value) -> text.key(key.toString(), value, key.about()));
    file.retentionInForce().forEach((key, value) -> text.key("retention." + key, value, ""));
    file.included()
        .forEach((key, patterns) -> text.key("build." + key, String.join(", ", patterns), ""));
    file.deployments()
        .forEach(
            (app, places) ->
                text.key(
                    "deploy." + app, joined(places), "environments with settings of their own"));
    file.agent()
        .apps()
        .forEach(
            (app, environments) ->
                text.key("agent.apps." + app, joined(environments), "followed by the agent"));
    return text.out.toString().stripTrailing();
  }

  private static String joined(Collection<Environment> environments) {
    return environments.stream().map(Environment::value).collect(Collectors.joining(", "));
  }

  private void line(String name, Optional<String> value, String otherwise) {
    out.append(
        "%-13s%s\n"
            .formatted(name, Printable.of(value.filter(it -> !it.isEmpty()).orElse(otherwise))));
  }

  private void key(String name, String value, String about) {
    out.append("%s: %s".formatted(Printable.of(name), Printable.of(value.isEmpty() ? "-" : value)))
        .append(about.isEmpty() ? "\n" : " (%s)\n".formatted(about));
  }
}
