package dev.s3dock.distribution.server;

import dev.s3dock.telemetry.Exposition;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.IOException;
import java.time.Duration;

/** What Prometheus may know of a server. Every label has few values, whatever clients send. */
public final class ServerMetrics {
  private static final long NANOS = 1_000_000_000;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter requests =
      Counter.builder()
          .name("s3dock_requests")
          .help("Requests that were answered.")
          .labelNames("endpoint", "status")
          .register(registry);
  private final Counter sent =
      Counter.builder()
          .name("s3dock_response_bytes")
          .unit(Unit.BYTES)
          .help("Bytes of bodies that were sent.")
          .labelNames("endpoint")
          .register(registry);
  private final Counter cut =
      Counter.builder()
          .name("s3dock_cut_responses")
          .help(
              "Answers of which not all was sent: the client went, was too slow, or the bytes were not right.")
          .register(registry);
  private final Gauge transfers =
      Gauge.builder()
          .name("s3dock_transfers")
          .help("Blobs that are being sent.")
          .register(registry);
  private final Counter found =
      Counter.builder()
          .name("s3dock_cache_hit_bytes")
          .unit(Unit.BYTES)
          .help("Compressed bytes that were in the cache.")
          .register(registry);
  private final Counter missed =
      Counter.builder()
          .name("s3dock_cache_miss_bytes")
          .unit(Unit.BYTES)
          .help("Compressed bytes that were looked for in the cache and fetched from the bucket.")
          .register(registry);
  private final Histogram store =
      Histogram.builder()
          .name("s3dock_store_request_duration")
          .unit(Unit.SECONDS)
          .help("Requests to the bucket, until the answer began.")
          .labelNames("operation", "result")
          .register(registry);

  /** A request to the bucket was answered. */
  public void asked(String operation, boolean succeeded, Duration took) {
    store
        .labelValues(operation, succeeded ? "ok" : "failed")
        .observe((double) took.toNanos() / NANOS);
  }

  /** So many compressed bytes were looked for in the cache. */
  public void looked(long bytes, boolean there) {
    (there ? found : missed).inc(bytes);
  }

  void answered(String endpoint, int status, long bytes, boolean whole) {
    requests.labelValues(endpoint, Integer.toString(status)).inc();
    sent.labelValues(endpoint).inc(bytes);
    if (!whole) {
      cut.inc();
    }
  }

  void transferBegins() {
    transfers.inc();
  }

  void transferEnds() {
    transfers.dec();
  }

  /** All of it as text, in the format that the client takes. */
  Exposition expose(String accept) throws IOException {
    return Exposition.of(registry, accept);
  }
}
