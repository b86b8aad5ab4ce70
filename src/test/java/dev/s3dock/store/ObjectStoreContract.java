package dev.s3dock.store;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every store promises. A subclass opens an empty store; where a real store keeps a promise in
 * another way, the subclass overrides the test and says why.
 */
public abstract class ObjectStoreContract
    implements SmallObjectContract,
        RangedReadContract,
        UploadContract,
        CopyContract,
        ListingContract,
        RaceContract {
  private ObjectStore store;

  /** Opens an empty store for one test. */
  protected abstract ObjectStore open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Override
  public ObjectStore store() {
    return store;
  }
}
