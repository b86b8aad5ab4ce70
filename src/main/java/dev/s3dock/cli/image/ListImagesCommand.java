package dev.s3dock.cli.image;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Ages;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog.ImageEntry;
import dev.s3dock.registry.reference.Referrers.Names;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "images",
    description = {
      "List the published images of an app, newest commit first.",
      "On a terminal also their size, age, versions and environments."
    },
    footerHeading = "%nExample:%n",
    footer = {"  s3dock list images myapp --limit 10", "  s3dock list images myapp --month 202507"})
final class ListImagesCommand extends Action {
  @Parameters(
      arity = "0..1",
      paramLabel = "APP",
      description = "Name of the app (default: `app` of the configuration).")
  @Nullable String app;

  @Option(
      names = "--month",
      paramLabel = "YYYYMM",
      description = "Only images whose commit is from this month.")
  @Nullable String month;

  @Option(names = "--limit", paramLabel = "N", description = "Only the newest N images.")
  @Nullable Long limit;

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = names(wiring).app(app);
    if (month != null && !BucketLayout.isMonth(month)) {
      throw new UsageException(
          "--month must be YYYYMM, such as 202507, not " + Printable.of(month));
    }
    if (limit != null && limit < 1) {
      throw new UsageException("--limit must be 1 or more, not " + limit);
    }
    listing(name, new NamesOnDemand(wiring, name))
        .print(
            root().process(),
            output,
            rows ->
                wiring
                    .registry()
                    .catalog()
                    .requireApp(
                        name,
                        wiring
                            .registry()
                            .catalog()
                            .images(
                                name,
                                Optional.ofNullable(month),
                                limit == null ? Long.MAX_VALUE : limit,
                                rows)));
  }

  private Listing<ImageEntry> listing(AppName name, NamesOnDemand names) {
    Instant now = root().process().clock().instant();
    return Listing.<ImageEntry>of("list images", "images")
        .about("app_name", name.value())
        .about("year_month", month == null ? "" : month)
        .cell("IMAGE", image -> image.key().reference().toString())
        .field("app_name", image -> image.key().reference().app().value())
        .field("tag", image -> image.key().reference().tag())
        .field("s3_path", image -> image.archive().value())
        .column("MONTH", "year_month", image -> image.key().month())
        .mayGo(6)
        .cell("PLATFORM", image -> image.key().platform().orElse(""))
        .mayGo(5)
        .shown("SIZE", image -> image.size() < 0 ? "(missing)" : Sizes.of(image.size()))
        .mayGo(3)
        .shown("PUBLISHED", image -> image.size() < 0 ? "" : Ages.of(image.stored(), now))
        .mayGo(4)
        .shown(
            "VERSIONS",
            image ->
                joined(names.get().versions().getOrDefault(image.key().reference(), List.of())))
        .mayGo(2)
        .shown(
            "ENVIRONMENTS",
            image ->
                joined(names.get().environments().getOrDefault(image.key().reference(), List.of())))
        .wraps()
        .mayGo(1)
        .field("size", image -> ofArchive(image, image.size()))
        .field(
            "stored_at", image -> ofArchive(image, image.stored().truncatedTo(ChronoUnit.SECONDS)));
  }

  private static Optional<?> ofArchive(ImageEntry image, Object value) {
    return image.size() < 0 ? Optional.empty() : Optional.of(value);
  }

  private static String joined(List<?> names) {
    return names.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  /** Read once, and only where they are shown: it takes a request for each version. */
  private static final class NamesOnDemand {
    private final Wiring wiring;
    private final AppName app;
    private @Nullable Names names;

    NamesOnDemand(Wiring wiring, AppName app) {
      this.wiring = wiring;
      this.app = app;
    }

    Names get() {
      Names known = names;
      if (known == null) {
        known = wiring.registry().referrers().names(app);
        names = known;
      }
      return known;
    }
  }
}
