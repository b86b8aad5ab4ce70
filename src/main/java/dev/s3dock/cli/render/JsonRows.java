package dev.s3dock.cli.render;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Lets a consumer of rows, which may not throw checked exceptions, write JSON. */
public final class JsonRows {
  private JsonRows() {}

  /** Writes one row. */
  public interface Row {
    void write() throws IOException;
  }

  public static void write(Row row) {
    try {
      row.write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
