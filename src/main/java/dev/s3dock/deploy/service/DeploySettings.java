package dev.s3dock.deploy.service;

import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Printable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How an app is brought live in one environment: the section {@code deploy} of the configuration,
 * see {@code docs/deploy.md}.
 *
 * @param handover how a new container takes the place of the one before it
 * @param update how several containers take the place of those before them
 * @param port that the app listens on inside its container; 0 for one that takes no traffic
 * @param replicas how many containers a deployment makes, all alike
 * @param publish address of this host on which the engine publishes the port; empty sends traffic
 *     to the container's own address
 * @param drain how long requests that run on the old container may go on
 * @param stopGrace from the stop signal to the kill
 * @param bake how long the new container is watched before the old one is stopped
 * @param retain how many old containers are kept, stopped, for an instant way back
 * @param keepWarm true to leave the last old container running
 * @param front the app through its load balancer; empty if that cannot be asked
 * @param run how its containers run
 * @param labels of the containers, beside those of s3dock
 * @param secrets values that are never shown
 */
public record DeploySettings(
    Handover handover,
    UpdateStrategy update,
    int port,
    int replicas,
    Optional<String> publish,
    Health health,
    Duration drain,
    Duration stopGrace,
    Duration bake,
    int retain,
    boolean keepWarm,
    Optional<Front> front,
    ContainerSpec.Options run,
    Map<String, String> labels,
    Secrets secrets) {
  public DeploySettings {
    labels = Map.copyOf(labels);
    if (port < (handover.takesTraffic() ? 1 : 0) || port > 65_535) {
      throw new IllegalArgumentException("%d is not a valid port".formatted(port));
    }
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas must be 1 or more");
    }
    if (!handover.takesTraffic() && keepWarm) {
      throw new IllegalArgumentException(
          "keep_warm would let two run for good, and there is no traffic to tell them apart");
    }
    if (keepWarm && update == UpdateStrategy.ROLLING) {
      throw new IllegalArgumentException(
          "keep_warm leaves the old containers running, and update \"rolling\" stops one after the other: remove one of the two");
    }
    if (keepWarm && retain < 1) {
      throw new IllegalArgumentException("keep_warm needs a retain of 1 or more");
    }
  }

  /** True if there are several containers, which are replaced one after the other. */
  public boolean isRolling() {
    return replicas > 1 && update == UpdateStrategy.ROLLING;
  }

  /**
   * Shows that a load balancer can do what these settings ask of it. Changes nothing.
   *
   * @throws LoadBalancerException that says what to add, and where
   */
  public void check(LoadBalancer loadBalancer) {
    loadBalancer.check(replicas);
    if (isRolling()) {
      loadBalancer.checkSharing(replicas);
    }
  }

  /**
   * A page of the app behind the load balancer.
   *
   * @param url as a user asks for it
   * @param connect address that its host name stands for here; empty for what DNS says
   * @param status what counts as an answer of the app
   */
  public record Front(URI url, Optional<String> connect, StatusRange status) {
    public Front {
      if (url.getHost() == null) {
        throw new IllegalArgumentException(
            "traffic.url '%s' has no host: write it such as http://127.0.0.1/up"
                .formatted(Printable.address(url.toString())));
      }
    }
  }

  /**
   * Tells settings apart that make different containers. Values of variables are in it, but cannot
   * be read from it.
   */
  public String fingerprint() {
    String text =
        String.join(
            "\n",
            Integer.toString(port),
            publish.orElse("container"),
            new TreeMap<>(run.env()).toString(),
            new TreeMap<>(labels).toString(),
            run.args().toString(),
            run.volumes().toString(),
            run.networks().toString(),
            run.memory().toString(),
            run.cpus().toString(),
            run.user().toString(),
            run.restart(),
            Boolean.toString(run.readOnly()),
            run.capDrop().toString(),
            run.logDriver().toString(),
            new TreeMap<>(run.logOptions()).toString(),
            run.stopSignal().toString());
    if (replicas > 1) {
      text += "\n" + replicas; // one alone is what it was before there could be several
    }
    return Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
  }
}
