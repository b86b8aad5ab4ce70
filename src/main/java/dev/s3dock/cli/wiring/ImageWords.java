package dev.s3dock.cli.wiring;

import dev.s3dock.image.TaggedName;
import dev.s3dock.registry.Resolver.Resolved;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** The words of a command that reads a published image, whatever that is called by. */
public final class ImageWords {
  @Parameters(
      index = "0",
      paramLabel = "REF | APP",
      description =
          "APP:ENVIRONMENT, APP:VERSION or APP:YYYYMMDD-HHMM-hash; or the name of the app (default: `app` of the configuration).")
  String first = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "WORD",
      description = "Of an app: an environment, a version, or YYYYMMDD-HHMM-hash.")
  @Nullable String second;

  /** What the bucket has under that name. */
  public Resolved resolve(Wiring wiring, Names names) {
    TaggedName named = names.tagged(first, second);
    return wiring.registry().resolver().resolve(named.app(), named.tag());
  }
}
