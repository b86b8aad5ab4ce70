package dev.s3dock.distribution;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.image.Digest;
import dev.s3dock.store.ByteRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a blob, to be sent once: while one piece is sent, the next is fetched. Of a whole blob
 * the last bytes are not handed out before its digest is right. For one thread; to be closed.
 */
public final class BlobContent implements AutoCloseable {
  /** Bytes in memory for each client, however slow it is. */
  private static final int BUFFER_BYTES = 32 << 10;

  /** Pieces in the file: one that is sent, and one that is fetched. */
  private static final int PLACES = 2;

  /** Further apart than a piece can be long. */
  private static final long PLACE_BYTES = 32 << 20;

  private final Deque<Piece> ahead;
  private final Fetch fetch;
  private final @Nullable Means means;
  private final byte[] ready;
  private final Optional<Proof> expected;
  private final Deque<Fetched> fetched = new ArrayDeque<>();
  private final long size;
  private int started;

  /** Where the bytes go on their way, and who fetches them. */
  record Means(SpoolFile file, ExecutorService fetchers) {}

  /**
   * What the bytes of a whole blob have to be.
   *
   * @param otherwise is done if they are not
   */
  record Proof(Digest digest, Runnable otherwise) {}

  /** Fetches a piece. */
  interface Fetch {
    void fetch(Piece piece, Piece.Sink into) throws IOException;
  }

  /** Takes the bytes; those in the buffer are used once this returns. */
  public interface Sink {
    void write(ByteBuffer bytes) throws IOException;
  }

  private record Fetched(Piece piece, long position, Future<?> task) {}

  private BlobContent(
      List<Piece> pieces,
      Fetch fetch,
      @Nullable Means means,
      byte[] ready,
      Optional<Proof> expected) {
    this.ahead = new ArrayDeque<>(pieces);
    this.fetch = fetch;
    this.means = means;
    this.ready = ready;
    this.expected = expected;
    this.size = pieces.stream().mapToLong(Piece::take).sum() + ready.length;
  }

  static BlobContent of(byte[] bytes, ByteRange wanted) {
    byte[] ready = Arrays.copyOfRange(bytes, (int) wanted.offset(), (int) wanted.end());
    return new BlobContent(List.of(), (piece, into) -> {}, null, ready, Optional.empty());
  }

  /**
   * Of these pieces.
   *
   * @param expected of all of them; empty if they are a part of a blob
   */
  static BlobContent of(List<Piece> pieces, Fetch fetch, Means means, Optional<Proof> expected) {
    return new BlobContent(pieces, fetch, means, new byte[0], expected);
  }

  /** In bytes. */
  public long size() {
    return size;
  }

  /** Waits for the first piece. If that cannot be had, this is closed. */
  void begin() throws IOException {
    try {
      startNext();
      if (!fetched.isEmpty()) {
        Tasks.await(fetched.getFirst().task());
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void startNext() {
    if (means == null || ahead.isEmpty() || fetched.size() == PLACES) {
      return;
    }
    Means with = means;
    Piece piece = ahead.removeFirst();
    long position = PLACE_BYTES * (started++ % PLACES);
    fetched.add(
        new Fetched(piece, position, with.fetchers().submit(() -> fill(with, piece, position))));
  }

  private @Nullable Void fill(Means with, Piece piece, long position) throws IOException {
    fetch.fetch(
        piece,
        new Piece.Sink() {
          private long at = position;

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            with.file().write(at, bytes, offset, length);
            at += length;
          }
        });
    return null;
  }

  /**
   * Sends all of it.
   *
   * @throws CorruptArchiveException if the bytes are not those of the blob; the last of them have
   *     not been sent
   */
  public void send(Sink sink) throws IOException {
    if (means == null) {
      sink.write(ByteBuffer.wrap(ready));
      return;
    }
    MessageDigest sha256 = Digest.start();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    startNext();
    while (!fetched.isEmpty()) {
      Fetched next = fetched.getFirst();
      Tasks.await(next.task());
      boolean last = fetched.size() == 1 && ahead.isEmpty();
      for (long at = 0; at < next.piece().take(); ) {
        int length = (int) Math.min(BUFFER_BYTES, next.piece().take() - at);
        means.file().read(next.position() + at, buffer, length);
        at += length;
        sha256.update(buffer.duplicate());
        if (last && at == next.piece().take()) {
          verify(Digest.of(sha256));
        }
        sink.write(buffer);
      }
      fetched.removeFirst();
      startNext();
    }
  }

  private void verify(Digest found) throws CorruptArchiveException {
    if (expected.isPresent() && !expected.get().digest().equals(found)) {
      expected.get().otherwise().run();
      throw new CorruptArchiveException(
          "the archive holds %s where its index says %s".formatted(found, expected.get().digest()));
    }
  }

  @Override
  public void close() throws IOException {
    fetched.forEach(it -> it.task().cancel(true));
    if (means != null) {
      means.file().close();
    }
  }
}
