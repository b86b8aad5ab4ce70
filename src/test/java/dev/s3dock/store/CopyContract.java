package dev.s3dock.store;

import static dev.s3dock.store.SmallObjectContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.StoreException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies inside the store. */
public interface CopyContract extends StoreUnderTest {
  ObjectKey TARGET = new ObjectKey("archive/my-app/202507/copy of 1+1.tar.gz");

  private ObjectStat written(String key, String content) {
    write(key, content);
    return store().head(new ObjectKey(key)).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"images/plain.tar.gz", "a key/with spaces", "1+1=2/100%/%2F", "ünïcödé/日本", "?&#"})
  default void aCopyHasTheBytesOfItsSource(String name) {
    ObjectStat source = written(name, "content of " + name);

    ETag etag = store().copy(source, TARGET);

    assertThat(contentOf(TARGET.value())).isEqualTo("content of " + name);
    assertThat(store().head(TARGET).orElseThrow().etag()).isEqualTo(etag);
    assertThat(store().head(source.key())).contains(source);
  }

  @Test
  default void anEmptyObjectIsCopied() {
    store().copy(written("empty", ""), TARGET);

    assertThat(contentOf(TARGET.value())).isEmpty();
  }

  @Test
  default void aCopyReplacesWhatIsThere() {
    ETag old = write(TARGET.value(), "old");

    ETag copied = store().copy(written("images/new", "new"), TARGET);

    assertThat(copied).isNotEqualTo(old);
    assertThat(contentOf(TARGET.value())).isEqualTo("new");
  }

  @Test
  default void aSourceThatHasChangedIsNotCopied() {
    ObjectStat stale = written("images/a", "1");
    write("images/a", "2");

    assertFails(Kind.PRECONDITION_FAILED, () -> store().copy(stale, TARGET));
    assertThat(store().head(TARGET)).isEmpty();
  }

  @Test
  default void aSourceThatIsGoneIsNotCopied() {
    ObjectStat gone = written("images/a", "1");
    store().delete(gone.key());

    assertFails(Kind.NOT_FOUND, () -> store().copy(gone, TARGET));
    assertThat(store().head(TARGET)).isEmpty();
  }
}
