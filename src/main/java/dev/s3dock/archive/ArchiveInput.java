package dev.s3dock.archive;

import java.io.IOException;
import java.io.InputStream;

/** The bytes of an archive in order. At their end it knows their MD5 and their index. */
@SuppressWarnings({
  "ObjectToString",
  "DoNotCallSuggester",
  "InputStreamSlowMultibyteRead"
}) // until it is written
public final class ArchiveInput extends InputStream {
  ArchiveInput() {}

  @Override
  public int read() throws IOException {
    throw new UnsupportedOperationException("not yet");
  }

  /**
   * MD5 of the whole archive, 32 hex digits.
   *
   * @throws IllegalStateException before the end has been read
   */
  public String md5Hex() {
    throw new UnsupportedOperationException("not yet");
  }

  /**
   * The index of the archive, without the store's token.
   *
   * @throws IllegalStateException before the end has been read
   */
  public ArchiveIndex index() {
    throw new UnsupportedOperationException("not yet");
  }
}
