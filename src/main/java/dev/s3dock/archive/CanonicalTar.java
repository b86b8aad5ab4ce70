package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * What stands around the contents in the canonical tar (POSIX.1-2001, "pax" and "ustar"): mode
 * 0644, owner 0 without a name, mtime 0, a PAX header where a size does not fit into 11 octal
 * digits, two zero blocks at the end.
 */
public final class CanonicalTar {
  /** Where an OCI image layout has its blobs (image-spec image-layout.md). */
  public static final String BLOBS = "blobs/sha256/";

  private static final int BLOCK = 512;
  private static final int SIZE_AT = 124;
  private static final int SIZE_DIGITS = 11;

  private CanonicalTar() {}

  /** Name of a blob in the tar. */
  public static String blobName(Digest digest) {
    return BLOBS + digest.hex();
  }

  /** The header block, or three blocks, of a regular file. */
  public static byte[] header(String name, long size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(3 * BLOCK);
    if (size > TarConstants.MAXSIZE) {
      byte[] record = sizeRecord(size);
      out.writeBytes(block("pax/" + name, record.length, TarConstants.LF_PAX_EXTENDED_HEADER_LC));
      out.writeBytes(record);
      out.writeBytes(padding(record.length));
    }
    out.writeBytes(block(name, size, TarConstants.LF_NORMAL));
    return out.toByteArray();
  }

  /**
   * What stands before a layer.
   *
   * @param padding of the layer before it
   */
  public static byte[] before(byte[] padding, Digest diffId, long size) {
    return concat(padding, header(blobName(diffId), size));
  }

  public static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** The zero bytes after a content of so many bytes. */
  public static byte[] padding(long size) {
    return new byte[(int) (-size & (BLOCK - 1))];
  }

  /** The two zero blocks that end a tar. */
  public static byte[] end() {
    return new byte[2 * BLOCK];
  }

  /**
   * The size field of a header block of this form; -1 if there is none at this place.
   *
   * @param offset of the block
   */
  public static long size(byte[] tar, int offset) {
    if (tar.length < offset + BLOCK) {
      return -1;
    }
    long size = 0;
    for (int i = offset + SIZE_AT; i < offset + SIZE_AT + SIZE_DIGITS; i++) {
      int digit = tar[i] - '0';
      if (digit < 0 || digit > 7) {
        return -1;
      }
      size = size * 8 + digit;
    }
    return size;
  }

  /** Where the content of a file begins whose header block is here. */
  public static int contentOffset(int headerOffset) {
    return headerOffset + BLOCK;
  }

  private static byte[] block(String name, long size, byte type) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setSize(size);
    entry.setMode(0644);
    entry.setIds(0, 0);
    entry.setNames("", "");
    entry.setModTime(0L);
    byte[] block = new byte[BLOCK];
    entry.writeEntryHeader(block);
    return block;
  }

  /** {@code "LENGTH size=SIZE\n"}, where LENGTH counts its own digits too. */
  private static byte[] sizeRecord(long size) {
    String rest = " size=" + size + "\n";
    int length = rest.length() + 2; // the length of such a record always has two digits
    return (length + rest).getBytes(StandardCharsets.US_ASCII);
  }

  /** True if these are the bytes of a ustar or GNU tar header, whose magic stands at 257. */
  public static boolean looksLikeTar(byte[] start) {
    return start.length >= 262
        && Arrays.equals(start, 257, 262, "ustar".getBytes(StandardCharsets.US_ASCII), 0, 5);
  }
}
