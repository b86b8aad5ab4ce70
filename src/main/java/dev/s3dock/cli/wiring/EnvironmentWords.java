package dev.s3dock.cli.wiring;

import dev.s3dock.image.TaggedName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** The first words of a command about an environment, as {@link Names} reads them. */
public final class EnvironmentWords {
  @Parameters(
      index = "0",
      paramLabel = "APP",
      description =
          "Name of the app (default: `app` of the configuration), or APP:ENVIRONMENT in one word.")
  String first = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ENVIRONMENT",
      description = "Such as production.")
  @Nullable String second;

  public String first() {
    return first;
  }

  public @Nullable String second() {
    return second;
  }

  /** True if the first names app and environment. */
  public boolean isOneWord() {
    return TaggedName.isIn(first);
  }

  /** The app and the environment that they name. */
  public Names.AppEnvironment in(Names names) {
    return names.environment(first, second);
  }
}
