package dev.s3dock.deploy;

import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.service.DeployException;
import java.util.List;

/** A service that can be brought live: by containers of this host, or by a program at a target. */
public interface Deployable {
  /**
   * Brings live what is asked for, one deployment of a service at a time on this host.
   *
   * @throws DeployException if it was not brought live; the message says what serves
   */
  Deployed deploy(Request request) throws InterruptedException;

  /** How the service stands; changes nothing, and waits for nobody. */
  Standing standing() throws InterruptedException;

  /** True if something of the service is there, running or not. */
  boolean isHere();

  /** What would be done, in words; changes nothing. */
  List<String> plan(Request request) throws InterruptedException;
}
