package dev.s3dock.registry.report;

/**
 * A target that did not go live on a host, and is not tried again there.
 *
 * @param target what identifies it: state of the pointer, and settings of the host
 * @param image that failed
 * @param at when, RFC 3339
 * @param asked when somebody had last asked for another try by then; empty if nobody had
 */
public record FailedTarget(String target, String image, String reason, String at, String asked) {
  /** Name of the field, here and in the report itself. */
  static final String ASKED = "retry_asked";
}
