package dev.s3dock.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes tars, also such as no honest tool would write. */
public final class TestTar {
  /** Of a header, an extended one before it, and what fills up blocks. */
  private static final int AROUND_BYTES = 4 << 10;

  private final ByteArrayOutputStream bytes;
  private final TarArchiveOutputStream tar;

  public TestTar() {
    this(0);
  }

  private TestTar(int length) {
    bytes = new ByteArrayOutputStream(length);
    tar = new TarArchiveOutputStream(bytes, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  /** A tar of these files. */
  public static byte[] of(Map<String, byte[]> files) {
    TestTar tar =
        new TestTar(files.values().stream().mapToInt(it -> it.length + AROUND_BYTES).sum());
    files.forEach(tar::file);
    return tar.end();
  }

  public TestTar file(String name, byte[] content) {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
    entry.setSize(content.length);
    return put(entry, content);
  }

  public TestTar directory(String name) {
    return put(new TarArchiveEntry(name + "/", TarConstants.LF_DIR, true), new byte[0]);
  }

  public TestTar symlink(String name, String target) {
    return link(name, target, TarConstants.LF_SYMLINK);
  }

  public TestTar hardLink(String name, String target) {
    return link(name, target, TarConstants.LF_LINK);
  }

  /** An entry of any type, such as {@link TarConstants#LF_CHR}. */
  public TestTar special(String name, byte type, byte[] content) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setSize(content.length);
    return put(entry, content);
  }

  private TestTar link(String name, String target, byte type) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setLinkName(target);
    return put(entry, new byte[0]);
  }

  private TestTar put(TarArchiveEntry entry, byte[] content) {
    try {
      entry.setModTime(1_700_000_000_000L);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public byte[] end() {
    try {
      tar.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
