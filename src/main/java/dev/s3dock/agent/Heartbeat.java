package dev.s3dock.agent;

import java.time.Duration;

/** Tells somebody, again and again, that the agent does its work. */
public interface Heartbeat {
  /** How long until the next beat is due; not positive if it is. */
  Duration rest();

  /** Tells. */
  void beat();
}
