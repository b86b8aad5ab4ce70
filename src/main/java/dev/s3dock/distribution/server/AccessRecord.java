package dev.s3dock.distribution.server;

import java.time.Duration;
import java.time.Instant;

/**
 * A request that was answered, or was not. All text is as the client has sent it.
 *
 * @param at when it began
 * @param client its address
 * @param user empty if none was asked for
 * @param target path and query
 * @param bytes of the answer's body that were sent
 * @param whole false if the connection ended before all was sent
 * @param problem why the server could not do what was asked; empty if it could
 */
public record AccessRecord(
    Instant at,
    String client,
    String user,
    String method,
    String target,
    int status,
    long bytes,
    boolean whole,
    Duration took,
    String userAgent,
    String problem) {
  /** Is told of each request, by several threads. */
  @FunctionalInterface
  public interface Log {
    void answered(AccessRecord access);
  }
}
