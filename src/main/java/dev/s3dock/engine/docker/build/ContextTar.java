package dev.s3dock.engine.docker.build;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The tar that a build's context is sent as to the classic builder. It is made while it is read, so
 * no more than a buffer of it is ever held.
 */
final class ContextTar extends InputStream {
  private static final int BUFFER = 64 * 1024;

  private final Iterator<ContextItem> items;
  private final SentContext sent;
  private final ByteArrayOutputStream made = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar;
  private final byte[] buffer = new byte[BUFFER];

  private byte[] ready = new byte[0];
  private int position;
  private @Nullable InputStream content;
  private boolean ended;

  /**
   * @param progress told how much of the files was read
   * @throws dev.s3dock.engine.EngineException {@code BUILD_FAILED} if the context cannot be sent
   */
  ContextTar(BuildRequest request, ByteProgress progress) {
    List<ContextItem> all = ContextFiles.of(request);
    this.items = all.iterator();
    this.sent = new SentContext(all, progress);
    this.tar = new TarArchiveOutputStream(made, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (position == ready.length) {
      if (ended) {
        return -1;
      }
      step();
      ready = made.toByteArray();
      made.reset();
      position = 0;
    }
    int count = Math.min(length, ready.length - position);
    System.arraycopy(ready, position, target, offset, count);
    position += count;
    return count;
  }

  private void step() throws IOException {
    if (content != null) {
      copySome(content);
    } else if (items.hasNext()) {
      begin(items.next());
    } else {
      tar.finish();
      ended = true;
    }
    tar.flush();
  }

  private void begin(ContextItem item) throws IOException {
    tar.putArchiveEntry(item.entry());
    content = item.content().orElse(null);
    if (content == null) {
      tar.closeArchiveEntry();
    }
  }

  /** A file that grows or shrinks on the way makes the tar's writer fail. */
  private void copySome(InputStream from) throws IOException {
    int count = from.read(buffer);
    if (count >= 0) {
      tar.write(buffer, 0, count);
      sent.add(count);
      return;
    }
    from.close();
    content = null;
    tar.closeArchiveEntry();
  }

  @Override
  public void close() throws IOException {
    if (content != null) {
      content.close();
    }
  }
}
