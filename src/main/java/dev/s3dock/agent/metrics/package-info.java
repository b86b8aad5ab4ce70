/** What Prometheus may know of an agent. */
@NullMarked
package dev.s3dock.agent.metrics;

import org.jspecify.annotations.NullMarked;
