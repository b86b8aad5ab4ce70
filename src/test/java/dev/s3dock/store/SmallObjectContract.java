package dev.s3dock.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.store.StoreException.Kind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small objects: read whole, written under a precondition, removed. */
public interface SmallObjectContract extends StoreUnderTest {
  ObjectKey KEY = new ObjectKey("pointers/my-app/production.json");
  ETag NO_SUCH_STATE = new ETag("0123456789abcdef0123456789abcdef");

  static void assertFails(Kind kind, ThrowingCallable call) {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  private ETag put(String content, Precondition precondition) {
    return store().put(KEY, content.getBytes(UTF_8), precondition);
  }

  @Test
  default void anAbsentObjectIsEmptyAndNoError() {
    assertThat(store().head(KEY)).isEmpty();
    assertThat(store().get(KEY, 10)).isEmpty();
    store().delete(KEY);
  }

  @Test
  default void whatWasPutIsReadBackWithTheSameToken() {
    ETag etag = put("{}", Precondition.none());

    StoredObject object = store().get(KEY, 2).orElseThrow();
    ObjectStat stat = store().head(KEY).orElseThrow();

    assertThat(object.key()).isEqualTo(KEY);
    assertThat(object.content()).asString(UTF_8).isEqualTo("{}");
    assertThat(object.etag()).isEqualTo(etag);
    assertThat(stat.key()).isEqualTo(KEY);
    assertThat(stat.size()).isEqualTo(2);
    assertThat(stat.etag()).isEqualTo(etag);
  }

  @Test
  default void anObjectIsReadAgainOnlyIfItHasChanged() {
    ETag first = put("first!", Precondition.none());
    assertThat(store().reread(KEY, 10, first)).isInstanceOf(Reread.Same.class);

    ETag second = put("second", Precondition.none());

    assertThat(store().reread(KEY, 10, first))
        .isInstanceOfSatisfying(
            Reread.Other.class,
            other -> {
              assertThat(other.object().etag()).isEqualTo(second);
              assertThat(other.object().content()).asString(UTF_8).isEqualTo("second");
            });
    assertFails(Kind.TOO_LARGE, () -> store().reread(KEY, 5, first));
    store().delete(KEY);
    assertThat(store().reread(KEY, 10, second)).isInstanceOf(Reread.Gone.class);
  }

  @Test
  default void anEmptyObjectIsAnObject() {
    ETag etag = put("", Precondition.none());

    assertThat(store().get(KEY, 0).orElseThrow().content()).isEmpty();
    assertThat(store().head(KEY).orElseThrow().etag()).isEqualTo(etag);
  }

  @Test
  default void anObjectOverTheLimitIsRefused() {
    put("123456", Precondition.none());

    assertThat(store().get(KEY, 6)).isPresent();
    assertFails(Kind.TOO_LARGE, () -> store().get(KEY, 5));
  }

  @Test
  default void everyOverwriteChangesTheToken() {
    ETag first = put("first!", Precondition.none());
    ETag second = put("second", Precondition.none());

    assertThat(second).isNotEqualTo(first);
    assertThat(store().head(KEY).orElseThrow().etag()).isEqualTo(second);
    assertThat(contentOf(KEY.value())).isEqualTo("second");
  }

  @Test
  default void ifAbsentWritesOnlyWhereNothingIs() {
    ETag first = put("1", Precondition.ifAbsent());

    assertFails(Kind.PRECONDITION_FAILED, () -> put("2", Precondition.ifAbsent()));

    assertThat(contentOf(KEY.value())).isEqualTo("1");
    assertThat(store().head(KEY).orElseThrow().etag()).isEqualTo(first);
  }

  @Test
  default void ifAbsentWritesAgainAfterADelete() {
    put("1", Precondition.ifAbsent());
    store().delete(KEY);

    put("2", Precondition.ifAbsent());

    assertThat(contentOf(KEY.value())).isEqualTo("2");
  }

  @Test
  default void ifMatchWritesOnlyOverThatState() {
    ETag first = put("1", Precondition.none());
    ETag second = put("2", Precondition.ifMatch(first));

    assertFails(Kind.PRECONDITION_FAILED, () -> put("3", Precondition.ifMatch(first)));
    assertFails(Kind.PRECONDITION_FAILED, () -> put("3", Precondition.ifMatch(NO_SUCH_STATE)));

    assertThat(contentOf(KEY.value())).isEqualTo("2");
    put("4", Precondition.ifMatch(second));
    assertThat(contentOf(KEY.value())).isEqualTo("4");
  }

  @Test
  default void ifMatchDoesNotWriteWhereNothingIs() {
    assertFails(Kind.PRECONDITION_FAILED, () -> put("1", Precondition.ifMatch(NO_SUCH_STATE)));

    assertThat(store().head(KEY)).isEmpty();
  }

  @Test
  default void aDeletedObjectIsGoneAndDeletingItAgainIsNoError() {
    put("1", Precondition.none());

    store().delete(KEY);
    store().delete(KEY);

    assertThat(store().head(KEY)).isEmpty();
    assertThat(store().list("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a key/with spaces/x.json",
        "plus+and%25percent%2F/100%",
        "ünïcödé/日本/\uD83D\uDE00.json",
        "a&b=c?d#e;f:g@h!i$j'k(l)m*n,o~p",
        "dots/..a/b../...",
        "quote\"<tag>|pipe^{x}[y]`z`"
      })
  default void everyKeyIsTakenAsItStands(String name) {
    ObjectKey key = new ObjectKey(name);
    ETag etag = store().put(key, name.getBytes(UTF_8), Precondition.none());

    assertThat(contentOf(name)).isEqualTo(name);
    assertThat(store().head(key).orElseThrow().etag()).isEqualTo(etag);
    assertThat(store().list("").map(ObjectStat::key)).containsExactly(key);
    store().delete(key);
    assertThat(store().head(key)).isEmpty();
  }

  @Test
  default void theStoreSaysWhereItIs() {
    assertThat(store().describe()).isNotBlank();
  }
}
