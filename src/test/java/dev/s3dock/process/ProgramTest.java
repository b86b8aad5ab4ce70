package dev.s3dock.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.process.Program.Environment;
import dev.s3dock.process.Program.Outcome;
import dev.s3dock.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir Path folder;

  private static Program shell(Duration deadline, String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(List.of(arguments));
    return Program.of(command, deadline);
  }

  @Test
  void status_and_both_outputs_come_back() throws InterruptedException {
    assertThat(shell(LONG, "echo out; echo err >&2; exit 3").run())
        .isEqualTo(new Outcome.Ended(3, "out\n", "err\n"));
  }

  @Test
  void arguments_pass_no_shell_and_variables_are_added_to_ours() throws InterruptedException {
    Program program =
        new Program(
            List.of(
                "sh", "-c", "printf '%s|' \"$1\" \"$FACT\" \"${PATH:+path}\"; pwd", "sh", "a  $b"),
            Environment.with(Map.of("FACT", "x y")),
            Optional.of(folder),
            LONG);
    assertThat(program.run())
        .isEqualTo(new Outcome.Ended(0, "a  $b|x y|path|" + folder + "\n", ""));
  }

  @Test
  void it_gets_no_input() throws InterruptedException {
    assertThat(Program.of(List.of("cat"), LONG).run()).isEqualTo(new Outcome.Ended(0, "", ""));
  }

  @Test
  void much_output_on_both_pipes_neither_blocks_it_nor_fills_memory() throws InterruptedException {
    Outcome outcome =
        shell(LONG, "head -c 3000000 /dev/zero | tr '\\0' e >&2; head -c 3000000 /dev/zero").run();
    assertThat(outcome).isInstanceOf(Outcome.Ended.class);
    Outcome.Ended ended = (Outcome.Ended) outcome;
    assertThat(ended.output()).hasSize(Beginning.LIMIT);
    assertThat(ended.errors()).hasSize(Beginning.LIMIT);
  }

  @Test
  void a_program_that_does_not_end_is_killed_with_all_it_has_started() throws Exception {
    Path pid = folder.resolve("pid");
    Outcome outcome =
        shell(
                Duration.ofMillis(3500),
                "sleep 100 & echo $! >\"$1\"; echo hello; wait",
                pid.toString())
            .run();
    assertThat(outcome).isEqualTo(new Outcome.TimedOut(Duration.ofMillis(3500), "hello\n", ""));
    assertThat(outcome.describe()).contains("3500 ms", "hello");
    requireDead(pid);
  }

  @Test
  void an_interrupt_kills_it_with_all_it_has_started() throws Exception {
    Path pid = folder.resolve("pid");
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread thread =
        Thread.startVirtualThread(
            () -> {
              try {
                shell(LONG, "sleep 100 & echo $! >\"$1\"; wait", pid.toString()).run();
                end.complete(new AssertionError("it has ended by itself"));
              } catch (InterruptedException e) {
                end.complete(e);
              }
            });
    Eventually.holds(LONG, "it runs", () -> Files.exists(pid) && Files.size(pid) > 1);
    thread.interrupt();
    assertThat(end.join()).isInstanceOf(InterruptedException.class);
    requireDead(pid);
  }

  private static void requireDead(Path pid) throws Exception {
    long child = Long.parseLong(Files.readString(pid).strip());
    Eventually.holds(
        LONG,
        "the child ends",
        () -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void somebody_in_the_background_who_keeps_the_pipe_open_does_not_hold_us() throws Exception {
    Path pid = folder.resolve("pid");
    Outcome outcome = shell(LONG, "sleep 100 & echo $! >\"$1\"; echo done", pid.toString()).run();
    assertThat(outcome).isEqualTo(new Outcome.Ended(0, "done\n", ""));
    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
        .ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void a_reader_gets_all_of_the_output_while_errors_are_kept() throws Exception {
    AtomicLong count = new AtomicLong();
    Outcome outcome =
        shell(LONG, "echo err >&2; head -c 3000000 /dev/zero; exit 3")
            .run(
                pipe -> {
                  count.set(pipe.readAllBytes().length);
                  return false;
                });
    assertThat(outcome).isEqualTo(new Outcome.Ended(3, "", "err\n"));
    assertThat(count).hasValue(3_000_000);
  }

  @Test
  void a_reader_that_has_enough_ends_it() throws Exception {
    Outcome outcome = shell(LONG, "echo one; exec sleep 100").run(pipe -> pipe.read() == 'o');
    assertThat(outcome).isEqualTo(new Outcome.Ended(128 + 15, "", ""));
  }

  @Test
  void the_failure_of_a_reader_ends_it_and_is_thrown() {
    IOException failure = new IOException("no");
    assertThatThrownBy(
            () ->
                shell(LONG, "exec sleep 100")
                    .run(
                        pipe -> {
                          throw failure;
                        }))
        .isSameAs(failure);
  }

  @Test
  void a_deadline_counts_for_a_reader_too() throws Exception {
    Duration deadline = Duration.ofMillis(500);
    Outcome outcome =
        shell(deadline, "echo err >&2; exec sleep 100").run(pipe -> pipe.readAllBytes().length < 0);
    assertThat(outcome).isEqualTo(new Outcome.TimedOut(deadline, "", "err\n"));
  }

  @Test
  void its_variables_may_be_others_than_ours() throws Exception {
    Program program =
        new Program(
            List.of("/usr/bin/env"), Environment.only(Map.of("A", "b")), Optional.empty(), LONG);
    assertThat(program.run()).isEqualTo(new Outcome.Ended(0, "A=b\n", ""));
  }

  @Test
  void a_program_that_is_not_there_is_an_outcome() throws InterruptedException {
    Outcome outcome = Program.of(List.of(folder.resolve("none").toString()), LONG).run();
    assertThat(outcome).isInstanceOf(Outcome.NotStarted.class);
    assertThat(outcome.describe()).contains("cannot be started", "none");
  }

  @Test
  void a_command_line_needs_a_program_and_a_deadline() {
    assertThatThrownBy(() -> Program.of(List.of(), LONG))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Program.of(List.of("true"), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
