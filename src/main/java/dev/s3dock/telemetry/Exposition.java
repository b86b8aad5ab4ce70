package dev.s3dock.telemetry;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Metrics as text.
 *
 * @param contentType of {@code bytes}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Exposition(String contentType, byte[] bytes) {
  /** In OpenMetrics if the client takes that, else in Prometheus' own text format. */
  public static Exposition of(PrometheusRegistry registry, String accept) throws IOException {
    ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    ExpositionFormatWriter writer =
        openMetrics.accepts(accept) ? openMetrics : PrometheusTextFormatWriter.create();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    return new Exposition(writer.getContentType(), out.toByteArray());
  }
}
