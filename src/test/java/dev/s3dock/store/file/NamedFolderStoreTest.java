package dev.s3dock.store.file;

import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.ObjectStoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a folder, as on systems where Java cannot keep folders open. */
class NamedFolderStoreTest extends ObjectStoreContract {
  @TempDir Path root;

  @Override
  protected ObjectStore open() {
    try {
      return new FileObjectStore(new FileLayout(root.toRealPath(), false), 10_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
