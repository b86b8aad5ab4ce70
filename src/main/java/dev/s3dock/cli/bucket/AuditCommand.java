package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.AuditRows;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.audit.AuditEntry;
import dev.s3dock.registry.audit.AuditEvent;
import dev.s3dock.registry.audit.AuditQuery;
import dev.s3dock.registry.audit.AuditSearch;
import dev.s3dock.registry.audit.NewEvents;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "audit",
    description = {
      "Show the audit trail of an app.",
      "For each event: time, user, host, action, and the value before it. Oldest first; times are"
          + " UTC. Without --since or --limit all events are read, with one request for each."
          + " Damaged events are shown as damaged, and the exit code is then 5."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock audit myapp --since 7d --event promotion --env production",
      "  s3dock audit myapp --limit 20 --follow"
    })
public final class AuditCommand extends Action {
  private static final int MOST = 1_000;
  private static final int LONGEST_INTERVAL = 3_600;

  @Parameters(
      arity = "0..1",
      paramLabel = "APP",
      description = "Name of the app (default: `app` of the configuration).")
  @Nullable String app;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description =
          "Only events since this time: 7d (7 days ago; also m, h and w), 2025-08-01 (from 00:00 in"
              + " the local time zone), or a time in RFC 3339 form.")
  @Nullable String since;

  @Option(names = "--until", paramLabel = "WHEN", description = "Only events before this time.")
  @Nullable String until;

  @Option(
      names = "--env",
      paramLabel = "ENVIRONMENT",
      description = "Only events of this environment.")
  @Nullable String environment;

  @Option(
      names = "--event",
      paramLabel = "EVENT",
      description = "Only events of these types, such as push, tag, promotion.")
  @Nullable String event;

  @Option(names = "--user", paramLabel = "NAME", description = "Only events of this user.")
  @Nullable String user;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Only the newest N events, up to 1000.")
  @Nullable Integer limit;

  @Option(
      names = {"-f", "--follow"},
      description =
          "Then wait for new events and show them, until Ctrl-C. With --json, each event is one"
              + " line.")
  boolean follow;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description =
          "Seconds between two polls of --follow, 1 to 3600 (default: 5). Each poll makes 2"
              + " requests.")
  int interval = 5;

  @Override
  protected void run(Wiring wiring, Output output) {
    requireSensible();
    AuditQuery query = query(wiring, root().process().clock());
    Listing<AuditEntry> listing = AuditRows.listing(query.app());
    if (follow && output.isJson()) {
      listing.printLines(output, rows -> show(wiring, query, rows));
    } else {
      listing.print(root().process(), output, rows -> show(wiring, query, rows));
    }
  }

  private void requireSensible() {
    if (limit != null && (limit < 1 || limit > MOST)) {
      throw new UsageException("--limit must be from 1 to %d, not %d".formatted(MOST, limit));
    }
    if (interval < 1 || interval > LONGEST_INTERVAL) {
      throw new UsageException(
          "--interval must be from 1 to %d seconds, not %d".formatted(LONGEST_INTERVAL, interval));
    }
    if (event != null && !AuditEvent.TYPES.contains(event)) {
      throw new UsageException(
          "--event must be one of %s, not %s"
              .formatted(String.join(", ", AuditEvent.TYPES), Printable.of(event)));
    }
    if (follow && until != null) {
      throw new UsageException("--follow cannot be used with --until");
    }
  }

  private AuditQuery query(Wiring wiring, Clock clock) {
    Optional<Instant> from =
        Optional.ofNullable(since).map(t -> TimeArgument.parse("--since", t, clock));
    Optional<Instant> to =
        Optional.ofNullable(until).map(t -> TimeArgument.parse("--until", t, clock));
    if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
      throw new UsageException(
          "--since %s must be before --until %s"
              .formatted(Printable.time(from.get()), Printable.time(to.get())));
    }
    return new AuditQuery(
        names(wiring).app(app),
        from,
        to,
        event == null ? Set.of() : Set.of(event),
        Optional.ofNullable(environment).map(Environment::new),
        Optional.ofNullable(user));
  }

  /** Shows what is there and, if that is wanted, what comes; then tells of damage. */
  private void show(Wiring wiring, AuditQuery query, Listing.Rows<AuditEntry> rows) {
    AuditSearch search = wiring.registry().auditSearch();
    Optional<NewEvents> coming = follow ? Optional.of(search.watch(query)) : Optional.empty();
    Tally tally = new Tally();
    Consumer<AuditEntry> each =
        entry -> {
          coming.ifPresent(events -> events.saw(entry));
          tally.count(entry);
          rows.accept(entry);
        };
    if (limit == null) {
      search.read(query, each);
    } else {
      search.readNewest(query, limit, each);
    }
    rows.flush().run();
    if (tally.shown == 0 && !search.exists(query.app())) {
      wiring.registry().catalog().requireApp(query.app());
    }
    coming.ifPresent(events -> follow(events, each, rows.flush()));
    if (tally.damaged > 0) {
      throw search.damaged(query.app(), tally.damaged);
    }
  }

  private void follow(NewEvents coming, Consumer<AuditEntry> each, Runnable flush) {
    while (pause()) {
      try {
        coming.look().forEach(each);
        flush.run();
      } catch (RuntimeException e) {
        if (Thread.currentThread().isInterrupted()) {
          return; // that is how it ends, whether it waits or looks
        }
        throw e;
      }
    }
  }

  /** False if the command shall end. */
  private boolean pause() {
    try {
      Thread.sleep(Duration.ofSeconds(interval));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static final class Tally {
    long shown;
    long damaged;

    void count(AuditEntry entry) {
      shown++;
      if (entry instanceof AuditEntry.Damaged) {
        damaged++;
      }
    }
  }
}
