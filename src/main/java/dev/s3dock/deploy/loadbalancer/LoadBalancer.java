package dev.s3dock.deploy.loadbalancer;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The load balancer in front of one app in one environment. It is asked, never remembered: what it
 * answers is the truth about where traffic goes.
 *
 * <p>Every method may throw {@link LoadBalancerException}. No method waits for requests to end.
 * Calls come from one thread at a time.
 */
public interface LoadBalancer {
  /**
   * Response header in which the load balancer names the backend that answered, see {@link
   * #identifies}.
   */
  String BACKEND_HEADER = "X-S3dock-Backend";

  /** Request header that asks the load balancer for {@link #BACKEND_HEADER}. Its value is 1. */
  String PROBE_HEADER = "X-S3dock-Probe";

  /**
   * Shows that the load balancer answers, and that its own configuration has what this driver
   * needs. Changes nothing.
   *
   * @param servers how many a backend is going to have at the most
   * @throws LoadBalancerException that says what to add, and where
   */
  void check(int servers);

  /**
   * Where new connections go now; empty if nowhere (as before the first deployment). Also if it
   * cannot be reached, and whoever stands by answers for it.
   *
   * @throws LoadBalancerException {@code UNCLEAR} if they go to more than one backend, or to one
   *     that is none of ours
   */
  Optional<Backend> live();

  /**
   * Sends new connections to this backend, to all of its servers, and to no other; what began
   * elsewhere goes on there. Repeating it is harmless. What it did survives a restart of the load
   * balancer.
   *
   * <p>The spare stands by: a request that cannot be handed to {@code next}, because it takes no
   * connection, or breaks it off before any byte of an answer and the request may be repeated, goes
   * to another server of {@code next}, and if none is left to the spare. That ends with {@link
   * #release} of the spare, and with the next call of this.
   *
   * <p>If it fails with {@code REFUSED} the former state is in force. With {@code UNAVAILABLE}
   * either may be: ask {@link #live} when the load balancer answers again.
   *
   * @param spare another backend, which must be able to serve until it is released
   */
  void direct(Backend next, Optional<Backend> spare);

  /**
   * Requests or connections that the load balancer still has open to this backend, also to one that
   * stands by; empty if it cannot tell.
   */
  OptionalLong inFlight(Backend backend);

  /**
   * The load balancer forgets a backend that {@link #direct} has turned away from, and that stands
   * by no more: called before its container is stopped. Repeating it is harmless. Does nothing for
   * a backend that is live.
   */
  void release(Backend former);

  /**
   * True if a request with {@link #PROBE_HEADER} is answered with {@link #BACKEND_HEADER}, which
   * holds {@link Backend#address}: so a request through the load balancer proves who answered it.
   */
  boolean identifies();

  /**
   * Ends what a deployment that died has begun, where it would go on by itself: a backend that gets
   * traffic as soon as the load balancer finds it healthy. Traffic stays where it is.
   */
  default void settle() {}

  /**
   * Why the load balancer by checks of its own does not send requests to the backend that is live;
   * empty if it does, or makes no checks.
   */
  default Optional<String> objection(Backend live) {
    return Optional.empty();
  }

  /** What this is, for a plan: the driver, and what of the load balancer it changes. */
  String describe();
}
