package dev.s3dock.cli.bucket;

import dev.s3dock.cli.render.AuditRows;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.audit.Period;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "history",
    customSynopsis = {
      "s3dock history [OPTIONS] [APP] ENVIRONMENT",
      "s3dock history [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Show which images an environment has had.",
      "For each: from when to when, who promoted it, and on which hosts it went live. Oldest first,"
          + " the current one last; times are UTC. The history comes from the audit trail and the"
          + " environment's pointer; a question mark stands for what no event records."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock history myapp production")
public final class HistoryCommand extends Action {
  private static final String UNKNOWN = "?";

  @Mixin EnvironmentWords words = new EnvironmentWords();

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = words.in(names(wiring));
    AppName name = named.app();
    Environment where = named.environment();
    Listing.<Period>of("history", "periods")
        .about("app_name", name.value())
        .about("environment", where.value())
        .cell("FROM", period -> period.from().map(AuditRows::time).orElse(UNKNOWN))
        .mayGo(1)
        .cell("TO", HistoryCommand::end)
        .mayGo(3)
        .cell("IMAGE", period -> period.image().map(Printable::of).orElse(UNKNOWN))
        .cell("VERSION", period -> period.version().map(Printable::of).orElse("-"))
        .mayGo(2)
        .cell("BY", period -> period.by().map(Printable::of).orElse(UNKNOWN))
        .mayGo(4)
        .cell("WENT LIVE ON", HistoryCommand::hosts)
        .wraps()
        .mayGo(5)
        .field("image_ref", Period::image)
        .field("version", Period::version)
        .field("from", Period::from)
        .field("to", Period::to)
        .field("present", Period::present)
        .field("by", Period::by)
        .field("hosts", Period::hosts)
        .print(
            root().process(), output, rows -> wiring.registry().history().read(name, where, rows));
  }

  private static String end(Period period) {
    return period.present() ? "now" : period.to().map(AuditRows::time).orElse(UNKNOWN);
  }

  private static String hosts(Period period) {
    return period.hosts().isEmpty() ? "-" : Printable.of(String.join(", ", period.hosts()));
  }
}
