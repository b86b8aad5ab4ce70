package dev.s3dock.archive.codec;

import dev.s3dock.archive.CorruptArchiveException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The zlib that the JDK brings along, or that its packager has put in its place. */
final class JdkDeflate implements Deflate {
  @Override
  public String name() {
    return "zlib";
  }

  @Override
  public int defaultLevel() {
    return 5;
  }

  @Override
  public byte[] compress(byte[] raw, int level, int before, int after) {
    byte[] stream = new byte[before + GzipMember.maxStreamLength(raw.length) + after];
    int end = before;
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(raw);
      deflater.finish();
      while (!deflater.finished()) {
        end += deflater.deflate(stream, end, stream.length - after - end);
      }
    } finally {
      deflater.end();
    }
    return Arrays.copyOf(stream, end + after);
  }

  @Override
  public void decompress(byte[] bytes, int offset, int length, byte[] raw)
      throws CorruptArchiveException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes, offset, length);
      int end = 0;
      while (end < raw.length) {
        int count = inflater.inflate(raw, end, raw.length - end);
        if (count == 0) {
          throw Deflate.tooShort();
        }
        end += count;
      }
      if (inflater.inflate(new byte[1]) != 0
          || !inflater.finished()
          || inflater.getRemaining() != 0) {
        throw Deflate.tooLong();
      }
    } catch (DataFormatException e) {
      throw new CorruptArchiveException("a gzip member is damaged", e);
    } finally {
      inflater.end();
    }
  }
}
