package dev.s3dock.deploy.loadbalancer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processes of this host, as Linux shows them in {@code /proc}. */
public final class LocalProcess {
  private static final Path PROC = Path.of("/proc");

  private LocalProcess() {}

  /** The title of a process; empty if there is none, or it cannot be seen. */
  public static String title(long pid) {
    return read(pid, "cmdline");
  }

  /** True if a process of this name has the network that we have. */
  public static boolean isHere(String name) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .anyMatch(it -> read(it, "comm").strip().equals(name) && !isElsewhere(it));
  }

  /** True if it is known to have another network than we have, as in a container. */
  public static boolean isElsewhere(long pid) {
    try {
      Path ours = Files.readSymbolicLink(PROC.resolve("self/ns/net"));
      return !ours.equals(Files.readSymbolicLink(PROC.resolve(pid + "/ns/net")));
    } catch (IOException e) {
      return false; // not ours to look at
    }
  }

  private static String read(long pid, String file) {
    try {
      return new String(Files.readAllBytes(PROC.resolve(pid + "/" + file)), UTF_8);
    } catch (IOException e) {
      return ""; // it has ended
    }
  }
}
