package dev.s3dock.deploy;

import static dev.s3dock.deploy.SimulatedDeploys.V1;
import static dev.s3dock.deploy.SimulatedDeploys.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.StatusRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a deployment says of its waits while it waits. */
class DeployWaitsTest {
  private static final Request REQUEST =
      new Request(false, false, false, Duration.ofMinutes(1), Optional.empty());

  @TempDir Path locks;
  private final List<String> waits = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  private final DeployProgress progress =
      new DeployProgress() {
        @Override
        public void waits(String what, Duration passed, Duration limit, Optional<String> problem) {
          assertThat(passed).isBetween(Duration.ZERO, limit);
          if (waits.isEmpty() || !waits.getLast().equals(what)) {
            waits.add(what);
          }
          problem.ifPresent(problems::add);
        }
      };

  private SimulatedDeploys deploys() {
    SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of());
    deploys.promote(V1);
    return deploys;
  }

  @Test
  void each_wait_is_told_with_its_limit() throws InterruptedException {
    deploys().deployer(settings(1, false), Hooks.NONE, progress).deploy(REQUEST);
    assertThat(waits)
        .containsSubsequence(
            "waiting until blue is healthy",
            "waiting for the traffic to arrive at blue",
            "watching blue");
    assertThat(problems).isEmpty();
  }

  @Test
  void a_check_that_fails_is_told_at_once_and_not_only_in_the_end() {
    Health.Check nobodyListens = new Health.Check.Http("/health", StatusRange.parse("200"));
    Deployer deployer =
        deploys()
            .deployer(
                SimulatedDeploys.checking(nobodyListens, Duration.ofSeconds(2)),
                Hooks.NONE,
                progress);
    assertThatThrownBy(() -> deployer.deploy(REQUEST)).isInstanceOf(DeployException.class);
    assertThat(problems).isNotEmpty().allMatch(problem -> problem.startsWith("/health on port"));
  }
}
