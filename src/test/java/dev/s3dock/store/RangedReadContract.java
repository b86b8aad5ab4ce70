package dev.s3dock.store;

import static dev.s3dock.store.SmallObjectContract.NO_SUCH_STATE;
import static dev.s3dock.store.SmallObjectContract.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** Reads of a run of bytes, of one state of the object. */
public interface RangedReadContract extends StoreUnderTest {
  ObjectKey ARCHIVE = new ObjectKey("images/my-app/202507/x.tar.gz");

  private String read(long offset, long length, ETag etag) throws IOException {
    try (InputStream in = store().read(ARCHIVE, new ByteRange(offset, length), etag)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  default void aRangeIsReadExactly() throws IOException {
    ETag etag = write(ARCHIVE.value(), "0123456789");

    assertThat(read(0, 10, etag)).isEqualTo("0123456789");
    assertThat(read(3, 4, etag)).isEqualTo("3456");
    assertThat(read(9, 1, etag)).isEqualTo("9");
  }

  @Test
  default void aReaderMayStopEarly() throws IOException {
    ETag etag = write(ARCHIVE.value(), "0123456789".repeat(100_000));

    try (InputStream in = store().read(ARCHIVE, new ByteRange(5, 900_000), etag)) {
      assertThat(in.read()).isEqualTo('5');
      assertThat(in.readNBytes(3)).asString(UTF_8).isEqualTo("678");
    }
    assertThat(read(0, 2, etag)).isEqualTo("01");
  }

  @Test
  default void aReadOfAnotherStateFails() {
    ETag old = write(ARCHIVE.value(), "0123456789");
    ETag now = write(ARCHIVE.value(), "abcdefghij");

    assertFails(Kind.PRECONDITION_FAILED, () -> read(0, 3, old));
    assertFails(Kind.PRECONDITION_FAILED, () -> read(0, 3, NO_SUCH_STATE));
    assertThat(now).isNotEqualTo(old);
  }

  @Test
  default void aReadOfNothingFails() {
    assertFails(Kind.NOT_FOUND, () -> read(0, 1, NO_SUCH_STATE));
  }

  @Test
  default void aRangeThatReachesPastTheEndFails() {
    ETag etag = write(ARCHIVE.value(), "0123456789");

    assertFails(Kind.FAILED, () -> read(5, 6, etag));
    assertFails(Kind.FAILED, () -> read(10, 1, etag));
  }
}
