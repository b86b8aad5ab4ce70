package dev.s3dock.cli.bucket;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.render.AuditRows;
import dev.s3dock.cli.render.JsonRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.audit.Period;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "history",
    description = {
      "Show which images an environment has had: from when to when, who promoted them, and on which hosts they went live.",
      "Oldest first, the current one last; times are UTC. The history comes from the audit trail and the environment's pointer; a question mark stands for what no event records."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock history myapp production")
public final class HistoryCommand extends Action {
  private static final String UNKNOWN = "?";

  @Parameters(index = "0", paramLabel = "APP", description = "Name of the app.")
  String app = "";

  @Parameters(index = "1", paramLabel = "ENVIRONMENT", description = "Such as production.")
  String environment = "";

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = new AppName(app);
    Environment where = new Environment(environment);
    if (output.isJson()) {
      output.stream(
          "history",
          data -> {
            data.writeStringField("app_name", name.value());
            data.writeStringField("environment", where.value());
            data.writeArrayFieldStart("periods");
            wiring.history().read(name, where, period -> JsonRows.write(() -> write(period, data)));
            data.writeEndArray();
          });
      return;
    }
    Table table =
        new Table(root().process(), "FROM", "TO", "IMAGE", "VERSION", "BY", "WENT LIVE ON");
    try {
      wiring.history().read(name, where, period -> table.row(cells(period)));
    } finally {
      table.end();
    }
  }

  private static String[] cells(Period period) {
    return new String[] {
      period.from().map(AuditRows::time).orElse(UNKNOWN),
      period.present() ? "now" : period.to().map(AuditRows::time).orElse(UNKNOWN),
      period.image().map(Printable::of).orElse(UNKNOWN),
      period.version().map(Printable::of).orElse("-"),
      period.by().map(Printable::of).orElse(UNKNOWN),
      period.hosts().isEmpty() ? "-" : Printable.of(String.join(", ", period.hosts()))
    };
  }

  private static void write(Period period, JsonGenerator data) throws IOException {
    data.writeStartObject();
    writeOrNull(data, "image_ref", period.image());
    writeOrNull(data, "version", period.version());
    writeOrNull(data, "from", period.from().map(Instant::toString));
    writeOrNull(data, "to", period.to().map(Instant::toString));
    data.writeBooleanField("present", period.present());
    writeOrNull(data, "by", period.by());
    data.writeArrayFieldStart("hosts");
    for (String host : period.hosts()) {
      data.writeString(host);
    }
    data.writeEndArray();
    data.writeEndObject();
  }

  private static void writeOrNull(JsonGenerator data, String field, Optional<String> value)
      throws IOException {
    data.writeFieldName(field);
    if (value.isPresent()) {
      data.writeString(value.get());
    } else {
      data.writeNull();
    }
  }
}
