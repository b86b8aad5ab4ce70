package dev.s3dock.deploy.loadbalancer;

import org.jspecify.annotations.Nullable;

/** A load balancer did not do what it was asked to. The message names it and a remedy. */
public final class LoadBalancerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What went wrong. */
  public enum Kind {
    /** It cannot be reached, or did not answer in time; what was asked for may have happened. */
    UNAVAILABLE,
    /** It refuses, or its configuration lacks something; nothing has changed. */
    REFUSED,
    /** It sends traffic somewhere that a deployment cannot account for. */
    UNCLEAR
  }

  public LoadBalancerException(Kind kind, String message) {
    this(kind, message, null);
  }

  public LoadBalancerException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
