package dev.s3dock.cli.bucket;

import dev.s3dock.cli.User;
import dev.s3dock.testing.store.GeneratedS3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a command took, in a process of its own.
 *
 * @param requests by kind
 * @param residentMib most memory that the process had, as Linux tells it; 0 elsewhere
 * @param heldMib most heap that was in use after a collection; 0 if there was none
 * @param lines that it printed
 */
public record Measurement(
    Map<String, Long> requests, Duration time, long residentMib, long heldMib, long lines) {
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
  private static final Pattern COLLECTION = Pattern.compile("->(\\d+)M\\(");

  /**
   * Runs a command that must succeed.
   *
   * @param folder for its output
   * @param heapMib how much heap it may have
   */
  public static Measurement of(
      User user, Path folder, GeneratedS3 server, int heapMib, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Path collections = Files.createTempFile(folder, "collections", ".txt");
    user.with("JAVA_TOOL_OPTIONS", "-Xlog:gc:file=" + collections);
    server.counted();
    long start = System.nanoTime();
    Process process = user.start(heapMib, output, command);
    long peak = 0;
    while (!process.waitFor(10, TimeUnit.MILLISECONDS)) {
      peak = Math.max(peak, peakKib(process));
    }
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    if (process.exitValue() != 0) {
      throw new AssertionError(String.join(" ", command) + "\n" + Files.readString(output));
    }
    return new Measurement(
        server.counted(), time, peak / 1024, heldMib(collections), lines(output));
  }

  private static long lines(Path output) throws IOException {
    try (var lines = Files.lines(output)) {
      return lines.filter(line -> !line.startsWith("Picked up ")).count();
    }
  }

  private static long peakKib(Process process) {
    try {
      Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
      return peak.find() ? Long.parseLong(peak.group(1)) : 0;
    } catch (IOException e) {
      return 0; // it has just ended, also between the opening of the file and the reading, or this
      // is no Linux
    }
  }

  private static long heldMib(Path collections) throws IOException {
    Matcher matcher = COLLECTION.matcher(Files.readString(collections));
    long most = 0;
    while (matcher.find()) {
      most = Math.max(most, Long.parseLong(matcher.group(1)));
    }
    return most;
  }

  /** How many requests of this kind were made. */
  public long count(String kind) {
    return requests.getOrDefault(kind, 0L);
  }
}
