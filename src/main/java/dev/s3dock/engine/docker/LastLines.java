package dev.s3dock.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps the last lines of several streams, within bounds; a line stands where it has ended. */
final class LastLines implements OutputFrames.Sink {
  private final int most;
  private final int mostBytes;
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private final Map<Integer, ByteArrayOutputStream> begun = new TreeMap<>();
  private long size;

  /**
   * @param mostBytes of a line, whose rest is dropped, and of all together
   */
  LastLines(int most, int mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  @Override
  public void take(int stream, byte[] bytes, int count) {
    ByteArrayOutputStream line = begun.computeIfAbsent(stream, _ -> new ByteArrayOutputStream());
    for (int i = 0; i < count; i++) {
      if (bytes[i] == '\n') {
        end(line);
      } else if (line.size() < mostBytes) {
        line.write(bytes[i]);
      }
    }
  }

  private void end(ByteArrayOutputStream line) {
    lines.addLast(line.toByteArray());
    size += line.size();
    line.reset();
    while (lines.size() > most || size > mostBytes) {
      size -= lines.removeFirst().length;
    }
  }

  /** With the lines that have not ended; nothing can be taken after this. */
  List<String> lines() {
    begun.values().stream().filter(line -> line.size() > 0).forEach(this::end);
    return lines.stream().map(line -> new String(line, UTF_8)).toList();
  }
}
