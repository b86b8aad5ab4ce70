package dev.s3dock.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Lets a consumer of rows, which may not throw checked exceptions, write JSON. */
final class JsonRows {
  private JsonRows() {}

  /** Writes one row. */
  interface Row {
    void write() throws IOException;
  }

  static void write(Row row) {
    try {
      row.write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
