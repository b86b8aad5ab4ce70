package dev.s3dock.store;

import dev.s3dock.testing.store.MemoryObjectStore;

/** The contract on the store that other tests rely on. */
class MemoryObjectStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore open() {
    return new MemoryObjectStore();
  }
}
