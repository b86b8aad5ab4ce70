package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.Backend;
import java.util.List;

/**
 * Where the containers of this host take requests: a target has neither a colour nor a name that
 * could tell whose it is.
 *
 * @param own of the app in its environment, running or not
 * @param others of other apps and environments that run
 */
public record HostBackends(List<Backend> own, List<Backend> others) {
  public HostBackends {
    own = List.copyOf(own);
    others = List.copyOf(others);
  }
}
