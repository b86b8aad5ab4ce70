package dev.s3dock.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a container is to be made of. Its text shows no value of a variable.
 *
 * @param name its name, unique in the engine
 * @param image reference or ID of an image that the engine holds
 * @param labels of the container, beside those of the image
 * @param options how it runs
 * @param publication a port that is published; empty leaves the container to its networks
 */
public record ContainerSpec(
    String name,
    String image,
    Map<String, String> labels,
    Options options,
    Optional<Publication> publication) {
  public ContainerSpec {
    labels = Map.copyOf(labels);
  }

  /**
   * A TCP port of the container that the engine publishes.
   *
   * @param hostIp address to listen on, such as {@code 127.0.0.1}
   * @param hostPort port to listen on, 1 to 65535: named, so that it stays over restarts
   * @param containerPort port inside
   */
  public record Publication(String hostIp, int hostPort, int containerPort) {}

  /**
   * How a container runs. The words of the strings are those of {@code docker run}.
   *
   * @param env variables, over those of the image
   * @param args in place of the image's command; empty keeps it
   * @param volumes binds and named volumes, {@code SOURCE:TARGET[:OPTIONS]}
   * @param networks names of existing networks, in place of the engine's default one
   * @param memory limit in bytes
   * @param cpus limit in processors, such as 1.5
   * @param user {@code USER[:GROUP]}, in place of the image's
   * @param restart {@code no}, {@code always}, {@code unless-stopped}, {@code on-failure[:N]}
   * @param readOnly true for a root file system that cannot be written
   * @param capDrop capabilities to take away, or {@code ALL}
   * @param logDriver empty for the engine's default
   * @param logOptions of the log driver
   * @param stopSignal in place of the image's, such as {@code SIGQUIT}
   */
  public record Options(
      Map<String, String> env,
      List<String> args,
      List<String> volumes,
      List<String> networks,
      OptionalLong memory,
      OptionalDouble cpus,
      Optional<String> user,
      String restart,
      boolean readOnly,
      List<String> capDrop,
      Optional<String> logDriver,
      Map<String, String> logOptions,
      Optional<String> stopSignal) {
    public Options {
      env = Map.copyOf(env);
      args = List.copyOf(args);
      volumes = List.copyOf(volumes);
      networks = List.copyOf(networks);
      capDrop = List.copyOf(capDrop);
      logOptions = Map.copyOf(logOptions);
    }

    @Override
    public String toString() {
      return "Options[env=" + env.keySet() + ", args=" + args.size() + "]"; // both may hold secrets
    }
  }
}
