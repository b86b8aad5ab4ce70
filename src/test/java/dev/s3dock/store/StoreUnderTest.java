package dev.s3dock.store;

import static java.nio.charset.StandardCharsets.UTF_8;

/** What the parts of the contract have in common. */
public interface StoreUnderTest {
  ObjectStore store();

  default ETag write(String key, String content) {
    return store().put(new ObjectKey(key), content.getBytes(UTF_8), Precondition.none());
  }

  default String contentOf(String key) {
    return store()
        .get(new ObjectKey(key), 1 << 26)
        .map(object -> new String(object.content(), UTF_8))
        .orElse("(none)");
  }
}
