package dev.s3dock.archive.codec;

import dev.s3dock.archive.write.ChunkReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Measures the libraries on one core, on the chunks that a push would make of real files. Run by
 * {@code bench/compress}; not a test.
 */
final class CompressionBench {
  private static final int MIB = 1 << 20;
  private static final int[] ZSTD_LEVELS = {1, 3, 6, 9, 12, 19};

  private CompressionBench() {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Row(
      String name, int level, Library library, double[] write, double[] read, long[] size) {}

  /** Arguments: rounds, MiB of each source, sources: files or folders. */
  public static void main(String[] args) throws IOException {
    int rounds = Integer.parseInt(args[0]);
    List<byte[]> chunks = new ArrayList<>();
    for (String source : Arrays.asList(args).subList(2, args.length)) {
      chunks.addAll(chunks(Path.of(source), Integer.parseInt(args[1]) * MIB));
    }
    List<Row> rows = new ArrayList<>();
    for (int level = 1; level <= 9; level++) {
      for (Deflate library : libraries()) {
        rows.add(row(library.name(), level, rounds, new Gzip(library)));
      }
    }
    for (int level : ZSTD_LEVELS) {
      rows.add(row("zstd", level, rounds, new Zstd()));
    }
    for (int round = 0; round < rounds; round++) {
      for (Row row : rows) {
        measure(row, chunks, round);
      }
    }
    print(rows, chunks.stream().mapToLong(chunk -> chunk.length).sum());
    for (Row row : rows) {
      long start = processorTime();
      row.library.compress(Fingerprint.sample(), row.level);
      System.err.printf(
          "fingerprint of %s level %d: %.1f ms%n",
          row.name, row.level, (processorTime() - start) / 1e6);
    }
  }

  private static Row row(String name, int level, int rounds, Library library) {
    return new Row(name, level, library, new double[rounds], new double[rounds], new long[1]);
  }

  private interface Library {
    byte[] compress(byte[] raw, int level);

    byte[] decompress(byte[] member, int rawLength) throws IOException;
  }

  private record Gzip(Deflate library) implements Library {
    @Override
    public byte[] compress(byte[] raw, int level) {
      return GzipMember.compress(raw, level, library);
    }

    @Override
    public byte[] decompress(byte[] member, int rawLength) throws IOException {
      return GzipMember.decompress(member, 0, member.length, rawLength, library);
    }
  }

  private record Zstd() implements Library {
    @Override
    public byte[] compress(byte[] raw, int level) {
      return ZstdFrame.compress(raw, level);
    }

    @Override
    public byte[] decompress(byte[] member, int rawLength) throws IOException {
      return ZstdFrame.decompress(member, 0, member.length, rawLength);
    }
  }

  private static List<Deflate> libraries() {
    Optional<LibDeflate> libdeflate = LibDeflate.find(System.getProperty(LibDeflate.PROPERTY));
    return libdeflate.isPresent()
        ? List.of(new JdkDeflate(), libdeflate.get())
        : List.of(new JdkDeflate());
  }

  /** As many bytes of the files as asked for, one after the other, cut as in a layer. */
  private static List<byte[]> chunks(Path source, int most) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (bytes.size() < most && !Files.isSymbolicLink(file) && Files.isReadable(file)) {
          bytes.write(Files.readAllBytes(file));
        }
      }
    }
    ChunkReader reader = new ChunkReader(new ByteArrayInputStream(bytes.toByteArray(), 0, most));
    List<byte[]> chunks = new ArrayList<>();
    for (var chunk = reader.next(); chunk.isPresent(); chunk = reader.next()) {
      chunks.add(chunk.get());
    }
    return chunks;
  }

  private static void measure(Row row, List<byte[]> chunks, int round) throws IOException {
    List<byte[]> members = new ArrayList<>();
    long start = processorTime();
    for (byte[] chunk : chunks) {
      members.add(row.library.compress(chunk, row.level));
    }
    row.write[round] = seconds(start);
    start = processorTime();
    for (int i = 0; i < chunks.size(); i++) {
      row.library.decompress(members.get(i), chunks.get(i).length);
    }
    row.read[round] = seconds(start);
    row.size[0] = members.stream().mapToLong(member -> member.length).sum();
  }

  /** Of this thread, so that what else runs on the machine does not count. */
  private static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double seconds(long start) {
    return (processorTime() - start) / 1e9;
  }

  private static void print(List<Row> rows, long raw) {
    long base =
        rows.stream().filter(r -> r.level == 6 && r.name.equals("zlib")).findFirst().get().size[0];
    System.out.println(
        "| level | library | compress, MB/s | ratio | size, zlib 6 = 100 | decompress, MB/s |");
    System.out.println("|---|---|---|---|---|---|");
    for (Row row : rows) {
      System.out.printf(
          "| %d | %s | %.0f | %.2f | %.1f | %.0f |%n",
          row.level,
          row.name,
          raw / 1e6 / median(row.write),
          (double) raw / row.size[0],
          100.0 * row.size[0] / base,
          raw / 1e6 / median(row.read));
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
