package dev.s3dock.cli.deploy;

import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures an agent whose bucket does not answer for a while, with users of an app on its host; see
 * {@code bench/idle}.
 *
 * @param failed requests of users that got no answer
 * @param sent by users
 * @param asked requests to the store while it was away
 * @param lines of the agent's log in that time
 * @param followed from the return of the store until what was promoted meanwhile was live
 */
record AwayMeasurement(long failed, long sent, int asked, long lines, Duration followed) {
  /**
   * Takes the store away, moves the environment behind the agent's back, and gives it back.
   *
   * @param log of the agent
   * @param port where users reach the app
   * @param promote by somebody whose store answers
   */
  static AwayMeasurement of(FaultProxy store, Path log, int port, Duration time, Runnable promote)
      throws IOException, InterruptedException {
    AtomicBoolean away = new AtomicBoolean(true);
    store.spoil(Integer.MAX_VALUE, _ -> away.get(), new Fault.Disconnect());
    int requests = store.requests().size();
    long lines = lines(log, "");
    long live = lines(log, " live ");
    try (Load load = Load.start("127.0.0.1", port, Load.Mix.gentle())) {
      promote.run();
      Thread.sleep(time); // what is measured
      int asked = store.requests().size() - requests;
      long told = lines(log, "") - lines;
      away.set(false);
      long back = System.nanoTime();
      Eventually.holds(Duration.ofMinutes(5), "followed again", () -> lines(log, " live ") > live);
      Duration followed = Duration.ofNanos(System.nanoTime() - back);
      Load.Report report = load.stop();
      report.failures().stream().limit(20).forEach(System.err::println);
      return new AwayMeasurement(
          report.failures().size(), report.requests().size(), asked, told, followed);
    }
  }

  private static long lines(Path log, String with) throws IOException {
    try (var lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(with)).count();
    }
  }
}
