package dev.s3dock.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many writers of one key: a compare-and-set has one winner. */
public interface RaceContract extends StoreUnderTest {
  int WRITERS = 10;
  ObjectKey CONTESTED = new ObjectKey("pointers/my-app/contested.json");

  /** How often the writers race. */
  default int rounds() {
    return 20;
  }

  private List<String> winners(int round, Precondition precondition) throws Exception {
    CyclicBarrier start = new CyclicBarrier(WRITERS);
    List<Callable<String>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      String content = "round " + round + " writer " + i;
      writers.add(
          () -> {
            start.await();
            return wins(content, precondition) ? content : "";
          });
    }
    List<String> winners = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      for (Future<String> one : threads.invokeAll(writers)) {
        winners.add(one.get());
      }
    }
    winners.removeIf(String::isEmpty);
    return winners;
  }

  private boolean wins(String content, Precondition precondition) {
    try {
      store().put(CONTESTED, content.getBytes(UTF_8), precondition);
      return true;
    } catch (StoreException e) {
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.PRECONDITION_FAILED);
      return false;
    }
  }

  @Test
  default void ofTenWritersOverOneStateOneWinsInEveryRound() throws Exception {
    ETag state = write(CONTESTED.value(), "start");
    for (int round = 0; round < rounds(); round++) {
      List<String> winners = winners(round, Precondition.ifMatch(state));

      assertThat(winners).as("winners of round " + round).hasSize(1);
      StoredObject left = store().get(CONTESTED, 100).orElseThrow();
      assertThat(left.content()).asString(UTF_8).isEqualTo(winners.getFirst());
      assertThat(left.etag()).isNotEqualTo(state);
      state = left.etag();
    }
  }

  @Test
  default void ofTenWritersOfANewKeyOneWinsInEveryRound() throws Exception {
    for (int round = 0; round < rounds(); round++) {
      List<String> winners = winners(round, Precondition.ifAbsent());

      assertThat(winners).as("winners of round " + round).hasSize(1);
      assertThat(contentOf(CONTESTED.value())).isEqualTo(winners.getFirst());
      store().delete(CONTESTED);
    }
  }
}
