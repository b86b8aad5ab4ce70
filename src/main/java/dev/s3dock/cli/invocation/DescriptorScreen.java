package dev.s3dock.cli.invocation;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.Console;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a file descriptor of this process leads to. The JDK tells of stdin and stdout together only,
 * and of no size; so the link in {@code /proc} is read, which costs a script next to nothing, and
 * the kernel is asked with {@code ioctl} for the size of a window, where somebody sits before it.
 */
@SuppressWarnings("restricted") // calls the C library
final class DescriptorScreen implements Screen {
  private static final boolean LINUX = System.getProperty("os.name", "").startsWith("Linux");

  /** {@code TIOCGWINSZ}: of Linux on x86 and ARM, and of macOS. */
  private static final long WINDOW_SIZE = LINUX ? 0x5413 : 0x40087468;

  /** {@code struct winsize}: rows, columns, and the same in pixels. */
  private static final long BYTES = 4L * Short.BYTES;

  private final int descriptor;
  private final boolean terminal;

  DescriptorScreen(int descriptor) {
    this.descriptor = descriptor;
    this.terminal = leadsTo(descriptor).map(DescriptorScreen::isTerminal).orElseGet(this::hasSize);
  }

  /** Empty where there is no {@code /proc}. */
  private static Optional<String> leadsTo(int descriptor) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString());
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private static boolean isTerminal(String device) {
    return device.startsWith("/dev/pts/")
        || device.startsWith("/dev/tty")
        || device.equals("/dev/console");
  }

  /** Where there is no C library either, the JDK's answer has to do, which is about stdin too. */
  private boolean hasSize() {
    return Ioctl.FUNCTION.isPresent()
        ? window().isPresent()
        : Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  @Override
  public boolean isTerminal() {
    return terminal;
  }

  @Override
  public int columns() {
    return terminal ? window().orElse(0) : 0;
  }

  private Optional<Integer> window() {
    if (Ioctl.FUNCTION.isEmpty()) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(BYTES);
      int failed = (int) Ioctl.FUNCTION.get().invokeExact(descriptor, WINDOW_SIZE, size);
      return failed == 0
          ? Optional.of((int) size.get(JAVA_SHORT, Short.BYTES) & 0xffff)
          : Optional.empty();
    } catch (Throwable e) {
      if (e instanceof Error serious) {
        throw serious;
      }
      return Optional.empty();
    }
  }

  /** Linked when it is first needed, since that takes tens of milliseconds. */
  private static final class Ioctl {
    static final Optional<MethodHandle> FUNCTION = link();

    private static Optional<MethodHandle> link() {
      try {
        Linker linker = Linker.nativeLinker();
        return linker
            .defaultLookup()
            .find("ioctl")
            .map(
                ioctl ->
                    linker.downcallHandle(
                        ioctl,
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                        Linker.Option.firstVariadicArg(2)));
      } catch (IllegalCallerException | UnsupportedOperationException | LinkageError e) {
        return Optional.empty();
      }
    }
  }
}
