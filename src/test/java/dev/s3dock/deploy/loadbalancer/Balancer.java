package dev.s3dock.deploy.loadbalancer;

import java.time.Duration;

/** A real load balancer with a driver in front of it. */
public interface Balancer extends AutoCloseable {
  /** With a driver that is patient, since the machine may be busy. */
  default LoadBalancer loadBalancer() {
    return loadBalancer(Duration.ofMinutes(1));
  }

  /** With a driver that waits this long for an answer. */
  LoadBalancer loadBalancer(Duration timeout);

  /** The keys of {@code traffic} in a configuration, JSON5 without the braces. */
  String keys();

  /** Where users connect, on 127.0.0.1. */
  int port();

  /** Ends it, as a service manager does. */
  void stop();

  /** Starts it again, with its configuration and whatever it keeps. */
  void start();

  /** As an administrator does who has changed something else in its configuration. */
  void reload();

  /** Its processes stop to work, and keep their sockets. */
  void freeze();

  void thaw();

  /** Brings it into a state in which it takes no orders, although it serves. */
  void makeRefuse();

  /** Somebody sends traffic to where no deployment has sent it. */
  void meddle();

  @Override
  void close();
}
