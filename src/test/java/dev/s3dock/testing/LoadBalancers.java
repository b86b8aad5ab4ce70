package dev.s3dock.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Debian's load balancers for tests, as processes of the test that are stopped by their handle. */
public final class LoadBalancers {
  private static final Path SCRIPT = Path.of("scripts/loadbalancer").toAbsolutePath();
  private static final Path HOME = Path.of("target/loadbalancers").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int INSTALL_MINUTES = 10;

  /** Two runs on one machine begin at different places. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(10_000 + (int) (ProcessHandle.current().pid() % 9) * 1000);

  private LoadBalancers() {}

  /** Path of haproxy, nginx or caddy, which is installed when it is missing. */
  public static String program(String name) {
    try {
      Files.createDirectories(HOME);
      Path log = Files.createTempFile(HOME, "install", ".log");
      Process process =
          new ProcessBuilder(SCRIPT.toString(), "install", name)
              .redirectInput(new File("/dev/null"))
              .redirectError(log.toFile())
              .start();
      String path = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      if (!process.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new AssertionError(name + " cannot be installed: " + Files.readString(log));
      }
      Files.delete(log);
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while installing " + name, e);
    }
  }

  /** A new, empty folder with a short path, since sockets lie in it. */
  public static Path folder(String name) {
    try {
      Files.createDirectories(HOME);
      return Files.createTempDirectory(HOME, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A port of 127.0.0.1 that was free a moment ago. It is told once, and below those that the
   * kernel gives out, so nobody else takes it before it is used.
   */
  public static int freePort() {
    while (true) {
      int port = NEXT_PORT.getAndIncrement();
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // somebody has it: the next one
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** True if something accepts connections on this port of 127.0.0.1. */
  public static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** A setting of the kernel, put back when it is closed. */
  public static final class KernelSetting implements AutoCloseable {
    private final Path path;
    private final String before;

    private KernelSetting(Path path, String before) {
      this.path = path;
      this.before = before;
    }

    /**
     * @param name path below {@code /proc/sys}
     */
    public static KernelSetting set(String name, String value) {
      Path path = Path.of("/proc/sys", name);
      try {
        KernelSetting setting = new KernelSetting(path, Files.readString(path));
        Files.writeString(path, value);
        return setting;
      } catch (IOException e) {
        throw new UncheckedIOException("set " + name + " to " + value + " as root", e);
      }
    }

    @Override
    public void close() {
      try {
        Files.writeString(path, before);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A daemon in the foreground, whose output goes to a file. */
  public static final class Daemon implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final Thread atExit;

    private Daemon(Process process, Path log) {
      this.process = process;
      this.log = log;
      this.atExit = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts it and waits until it accepts connections on this port. */
    public static Daemon start(List<String> command, Path folder, int port) {
      return start(command, folder, () -> accepts(port));
    }

    /** Starts it and waits until it is ready by this look. */
    public static Daemon start(List<String> command, Path folder, Callable<Boolean> ready) {
      try {
        Path log = folder.resolve("log");
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("XDG_CONFIG_HOME", folder.resolve("config").toString());
        builder.environment().put("XDG_DATA_HOME", folder.resolve("data").toString());
        Daemon daemon = new Daemon(builder.start(), log);
        Eventually.holds(
            PATIENCE,
            command + " listens",
            () -> {
              if (!daemon.process.isAlive()) {
                throw new IllegalStateException("it ended: " + daemon.log());
              }
              return ready.call();
            });
        return daemon;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    public String log() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    public long pid() {
      return process.pid();
    }

    /** Sends a signal, such as USR2. */
    public void signal(String name) {
      signal(name, process.toHandle());
    }

    /** Sends a signal to it and to all that it has started. */
    public void signalAll(String name) {
      signal(name);
      process.descendants().forEach(it -> signal(name, it));
    }

    private static void signal(String name, ProcessHandle to) {
      try {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(to.pid())).start();
        if (kill.waitFor() != 0) {
          throw new AssertionError("kill -" + name + " " + to.pid() + " failed");
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }

    /**
     * False also for one that has ended and that its parent, which is not ours, has not heard of.
     */
    private static boolean runs(ProcessHandle worker) {
      try {
        String stat = Files.readString(Path.of("/proc", String.valueOf(worker.pid()), "stat"));
        return worker.isAlive() && stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
      } catch (IOException e) {
        return worker.isAlive();
      }
    }

    /** Ends it as a service manager does, and waits for it and for all that it has started. */
    @Override
    public void close() {
      if (!process.isAlive()) {
        return;
      }
      List<ProcessHandle> workers = process.descendants().toList();
      process.destroy();
      try {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
      }
      workers.forEach(ProcessHandle::destroyForcibly);
      Eventually.holds(
          PATIENCE,
          "the processes of " + pid() + " end",
          () -> !process.isAlive() && workers.stream().noneMatch(Daemon::runs));
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }
}
