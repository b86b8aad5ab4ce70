package dev.s3dock.deploy.service;

/** How a new container takes the place of the one before it. */
public enum Handover {
  /** The old one serves until the load balancer sends traffic to the new one. */
  BLUE_GREEN,
  /** Without traffic: both run until the new one has been watched. */
  START_FIRST,
  /** Without traffic: the old one has ended before the new one starts. */
  STOP_FIRST;

  /** True if a load balancer sends requests to the containers. */
  public boolean takesTraffic() {
    return this == BLUE_GREEN;
  }
}
