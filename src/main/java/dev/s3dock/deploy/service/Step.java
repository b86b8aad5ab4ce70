package dev.s3dock.deploy.service;

import java.util.Locale;

/** What a deployment does, in this order. Each step may be the last one of a process. */
public enum Step {
  /** Waits for other deployments of the same service. */
  LOCK,
  /** Asks the load balancer whether it can be worked with. */
  CHECK,
  /** Brings to an end what a deployment before left behind. */
  SETTLE,
  /** Fetches the image. */
  PULL,
  /** Creates and starts the new container. */
  START,
  /** Waits until it is healthy. */
  HEALTH,
  /** Runs the hook before the switch. */
  PRE_DEPLOY,
  /** Moves the environment, if that was asked for. */
  PROMOTE,
  /** Moves the traffic. */
  SWITCH,
  /** Shows that new requests reach the new container. */
  PROVE,
  /** Runs the hook after the switch. */
  POST_SWITCH,
  /** Lets requests on the old container end. */
  DRAIN,
  /** Watches the new container. */
  BAKE,
  /** Makes the new container the one that counts. */
  CONFIRM,
  /** Stops the old container, and removes those that are not kept. */
  RETIRE,
  /** Reports and writes the audit event. */
  RECORD,
  /** Runs the last hook. */
  POST_DEPLOY,
  /** Before the start, where no two may run: stops the old container. */
  MAKE_ROOM,
  /** Moves the traffic back to the old container. */
  GO_BACK,
  /** Removes the new container. */
  DISCARD;

  /** As shown and recorded: {@code pre_deploy}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
