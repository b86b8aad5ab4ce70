package dev.s3dock.deploy.loadbalancer;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

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
   * Shows that {@link #share} can be called. Changes nothing.
   *
   * @param servers how many a backend is going to have at the most
   * @throws LoadBalancerException that says what to add, and where
   */
  default void checkSharing(int servers) {}

  /**
   * Where new connections go now: to no backend (as before the first deployment), to one, or to
   * both that {@link #share} has named. Also if one cannot be reached, and others answer for it.
   *
   * @return in any order, each with the servers that get connections
   * @throws LoadBalancerException {@code UNCLEAR} if they go to one that is none of ours
   */
  List<Backend> serving();

  /**
   * The same where there is one at most.
   *
   * @throws LoadBalancerException {@code UNCLEAR} if there are more
   */
  default Optional<Backend> live() {
    List<Backend> serving = serving();
    if (serving.size() > 1) {
      throw new LoadBalancerException(
          Kind.UNCLEAR,
          "the load balancer sends traffic to %s: deploy again, which leaves it to one of them"
              .formatted(
                  serving.stream().map(Backend::toString).collect(Collectors.joining(" and to "))));
    }
    return serving.stream().findFirst();
  }

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
   * Sends new connections to all servers of both backends, and to no other: a middle state, in
   * which containers of two sides serve. What began elsewhere goes on there. A request that cannot
   * be handed to one of these servers goes to another one of them. All else is as with {@link
   * #direct}, which ends this.
   *
   * @param former servers of the other side that have got connections until now, and stay
   */
  void share(Backend next, Backend former);

  /**
   * Requests or connections that the load balancer still has open to this backend, also to one that
   * stands by; empty if it cannot tell.
   */
  OptionalLong inFlight(Backend backend);

  /**
   * The load balancer forgets a backend, or some servers of it, that {@link #direct} or {@link
   * #share} has turned away from, and that stands by no more: called before its container is
   * stopped. Repeating it is harmless. Does nothing for a backend that is live.
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
