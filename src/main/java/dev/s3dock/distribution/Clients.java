package dev.s3dock.distribution;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which engines cannot unpack layers that are compressed with zstd, as they name themselves in
 * {@code User-Agent}. Docker 20.10 sends {@code docker/20.10.24 go/…}, containerd {@code
 * containerd/1.4.13}.
 */
final class Clients {
  private static final Pattern DOCKER = Pattern.compile("docker/(\\d{1,4})\\.");
  private static final Pattern CONTAINERD = Pattern.compile("containerd/v?(\\d{1,4})\\.(\\d{1,4})");
  private static final int FIRST_DOCKER = 23;
  private static final int FIRST_OF_CONTAINERD_1 = 5;

  private Clients() {}

  /** True unless it is known to be one of them. */
  static boolean takesZstd(String userAgent) {
    Matcher docker = DOCKER.matcher(userAgent);
    if (docker.lookingAt()) {
      return Integer.parseInt(docker.group(1)) >= FIRST_DOCKER;
    }
    Matcher containerd = CONTAINERD.matcher(userAgent);
    return !containerd.lookingAt()
        || Integer.parseInt(containerd.group(1)) > 1
        || Integer.parseInt(containerd.group(2)) >= FIRST_OF_CONTAINERD_1;
  }
}
