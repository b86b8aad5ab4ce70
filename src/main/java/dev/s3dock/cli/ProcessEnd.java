package dev.s3dock.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;

/**
 * Ends this process without a pause. {@link System#exit} gives each Java thread that is inside a
 * system call 300 ms to come back ({@code VM_Exit::wait_for_threads_in_native_to_block} of
 * HotSpot), and the one that waits for the connections of virtual threads never does. So where
 * there is such a thread, the C library's {@code _exit} ends the process.
 *
 * <p>That runs no shutdown hooks: {@link #now} takes away the only one that there is, and leaves
 * everything to the runtime if it is at work already, as after Ctrl-C.
 */
final class ProcessEnd {
  private final Thread hook;

  /**
   * Adds a shutdown hook.
   *
   * @param hook run if the process is told to end, before {@link #now} is called
   */
  ProcessEnd(Thread hook) {
    this.hook = hook;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Ends the process. What has been written must have been flushed. */
  void now(int exitCode) {
    if (removeHook() && anyThreadWaitsForConnections()) {
      exitAtOnce(exitCode);
    }
    System.exit(exitCode);
  }

  private boolean removeHook() {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false; // the process has been told to end: its exit code says so
    }
  }

  /** The pollers of virtual threads and the selectors of HTTP clients. */
  static boolean anyThreadWaitsForConnections() {
    ThreadGroup all = Thread.currentThread().getThreadGroup();
    while (all.getParent() != null) {
      all = all.getParent();
    }
    Thread[] threads = new Thread[2 * all.activeCount() + 16];
    int count = all.enumerate(threads);
    return Arrays.stream(threads, 0, count)
        .filter(thread -> thread.getState() == Thread.State.RUNNABLE)
        .map(Thread::getStackTrace)
        .anyMatch(
            stack ->
                stack.length > 0
                    && stack[0].isNativeMethod()
                    && stack[0].getClassName().startsWith("sun.nio.ch."));
  }

  private static void exitAtOnce(int exitCode) {
    link()
        .ifPresent(
            exit -> {
              try {
                exit.invokeExact(exitCode);
              } catch (Throwable e) {
                if (e instanceof Error serious) {
                  throw serious;
                }
              }
            });
  }

  /** Empty where there is no C library of POSIX, or no access to it. */
  @SuppressWarnings("restricted") // calls the C library
  static Optional<MethodHandle> link() {
    try {
      Linker linker = Linker.nativeLinker();
      return linker
          .defaultLookup()
          .find("_exit")
          .map(
              exit -> linker.downcallHandle(exit, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)));
    } catch (IllegalCallerException | UnsupportedOperationException | LinkageError e) {
      return Optional.empty();
    }
  }
}
