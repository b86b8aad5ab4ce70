/** What monitoring asks a process for: its health, and its metrics in OpenMetrics. */
@NullMarked
package dev.s3dock.telemetry;

import org.jspecify.annotations.NullMarked;
