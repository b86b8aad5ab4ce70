package dev.s3dock.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TasksTest {
  /** Runs for as long as it is looked at for the first time, and has failed when that is over. */
  private static final class FailsBetweenTwoLooks extends CompletableFuture<String> {
    @Override
    public boolean isDone() {
      boolean before = super.isDone();
      completeExceptionally(new IOException("the part was refused"));
      return before;
    }
  }

  @Test
  void a_task_that_fails_while_the_others_are_looked_at_is_heard_of_the_next_time()
      throws IOException {
    List<Future<?>> tasks = new ArrayList<>();
    tasks.add(CompletableFuture.completedFuture("done"));
    tasks.add(new FailsBetweenTwoLooks());
    tasks.add(CompletableFuture.completedFuture("done"));

    Tasks.takeDone(tasks);

    assertThat(tasks).hasSize(1);
    assertThatThrownBy(() -> Tasks.takeDone(tasks)).hasMessage("the part was refused");
  }

  @Test
  void what_is_not_done_stays() throws IOException {
    List<Future<?>> tasks = new ArrayList<>(List.of(new CompletableFuture<>()));
    Tasks.takeDone(tasks);
    assertThat(tasks).hasSize(1);
  }

  @Test
  void what_was_stopped_is_told() {
    CompletableFuture<String> stopped = new CompletableFuture<>();
    stopped.cancel(true);
    List<Future<?>> tasks = new ArrayList<>(List.of(stopped));
    assertThatThrownBy(() -> Tasks.takeDone(tasks)).isInstanceOf(CancellationException.class);
    assertThatCode(() -> Tasks.takeDone(tasks)).doesNotThrowAnyException();
  }
}
