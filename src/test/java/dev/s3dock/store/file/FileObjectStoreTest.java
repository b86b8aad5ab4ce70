package dev.s3dock.store.file;

import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.ObjectStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a folder. */
class FileObjectStoreTest extends ObjectStoreContract {
  @TempDir Path root;

  @Override
  protected ObjectStore open() {
    return FileObjectStore.open(root);
  }
}
