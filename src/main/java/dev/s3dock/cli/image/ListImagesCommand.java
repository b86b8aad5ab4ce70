package dev.s3dock.cli.image;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.JsonRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.ImageKey;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "images",
    description = "List the published images of an app, newest commit first.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock list images myapp --month 202507")
final class ListImagesCommand extends Action {
  @Parameters(paramLabel = "APP", description = "Name of the app.")
  String app = "";

  @Option(
      names = "--month",
      paramLabel = "YYYYMM",
      description = "Only images whose commit is from this month.")
  @Nullable String month;

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = new AppName(app);
    if (month != null && !month.matches("\\d{6}")) {
      throw new UsageException(
          "--month must be YYYYMM, such as 202507, not " + Printable.of(month));
    }
    if (output.isJson()) {
      output.stream("list images", data -> writeAll(wiring, name, data));
      return;
    }
    Table table = new Table(root().process(), "IMAGE", "MONTH", "PLATFORM");
    long count =
        wiring
            .catalog()
            .images(
                name,
                Optional.ofNullable(month),
                image ->
                    table.row(
                        image.reference().toString(), image.month(), image.platform().orElse("")));
    table.end();
    requireSome(wiring, name, count);
  }

  private void writeAll(Wiring wiring, AppName name, JsonGenerator data) throws IOException {
    data.writeStringField("app_name", name.value());
    data.writeStringField("year_month", month == null ? "" : month);
    data.writeArrayFieldStart("images");
    long count =
        wiring
            .catalog()
            .images(
                name,
                Optional.ofNullable(month),
                image -> JsonRows.write(() -> writeOne(image, data)));
    requireSome(wiring, name, count);
    data.writeEndArray();
  }

  private static void writeOne(ImageKey image, JsonGenerator data) throws IOException {
    data.writeStartObject();
    data.writeStringField("app_name", image.reference().app().value());
    data.writeStringField("tag", image.reference().tag());
    data.writeStringField("s3_path", image.archive().value());
    data.writeStringField("year_month", image.month());
    data.writeEndObject();
  }

  private static void requireSome(Wiring wiring, AppName name, long count) {
    if (count == 0) {
      wiring.catalog().requireApp(name);
    }
  }
}
