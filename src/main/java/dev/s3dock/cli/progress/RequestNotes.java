package dev.s3dock.cli.progress;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.image.Printable;
import dev.s3dock.store.RequestListener;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Tells on stderr what is asked of the store, and in the end what that cost. */
public final class RequestNotes implements RequestListener {
  private final ProcessContext process;
  private final long begun = System.nanoTime();
  private final Map<String, Integer> counts = new TreeMap<>();
  private long sent;
  private long received;

  public RequestNotes(ProcessContext process) {
    this.process = process;
  }

  @Override
  public synchronized void answered(Request request) {
    counts.merge(request.method(), 1, Integer::sum);
    sent += request.sent();
    received += request.received();
    process
        .err()
        .println(
            "%s %s: %d, %d ms%s%s"
                .formatted(
                    request.method(),
                    Printable.of(request.target()),
                    request.status(),
                    request.took().toMillis(),
                    bytes(request.sent(), "sent"),
                    bytes(request.received(), "received")));
  }

  private static String bytes(long count, String what) {
    return count == 0 ? "" : ", %s %s".formatted(Sizes.of(count), what);
  }

  /** The last line: how long it all took, and how many requests that was. */
  public synchronized void sum() {
    int requests = counts.values().stream().mapToInt(Integer::intValue).sum();
    String kinds =
        counts.entrySet().stream()
            .map(kind -> kind.getValue() + " " + kind.getKey())
            .collect(Collectors.joining(", "));
    double seconds = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0;
    process
        .err()
        .println(
            "took %s s%s"
                .formatted(
                    String.format(Locale.ROOT, "%.2f", seconds),
                    requests == 0
                        ? ""
                        : "; %d %s to the store (%s)%s%s"
                            .formatted(
                                requests,
                                requests == 1 ? "request" : "requests",
                                kinds,
                                bytes(sent, "sent"),
                                bytes(received, "received"))));
  }
}
