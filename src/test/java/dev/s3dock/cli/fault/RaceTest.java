package dev.s3dock.cli.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.Ceph;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Five processes promote at once, each another image, all from the same present one; ten of them,
 * and twice, with {@code ./check --all}.
 */
@Order(4)
class RaceTest {
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");
  private static final int PROCESSES = ALL ? 10 : 5;
  private static final int ROUNDS = ALL ? 2 : 1;

  @TempDir Path folder;

  @Test
  void one_winner_in_a_folder() throws Exception {
    race(Map.of("S3DOCK_BUCKET", folder.resolve("store").toUri().toString()));
  }

  @Test
  void one_winner_on_s3mock() throws Exception {
    race(s3(S3Servers.s3Mock()));
  }

  @Test
  void one_winner_on_s3proxy() throws Exception {
    race(s3(S3Servers.s3Proxy()));
  }

  @Test
  @Tag("ceph")
  void one_winner_on_ceph() throws Exception {
    race(s3(Ceph.server()));
  }

  private static Map<String, String> s3(S3Server server) {
    return Map.of(
        "S3DOCK_BUCKET", S3Servers.newBucket(server),
        "AWS_ENDPOINT_URL", server.endpoint().toString(),
        "AWS_REGION", server.region(),
        "AWS_ACCESS_KEY_ID", server.accessKey(),
        "AWS_SECRET_ACCESS_KEY", server.secretKey());
  }

  private void race(Map<String, String> environment) throws Exception {
    User user = new User(folder).with(environment);
    List<String> references = new ArrayList<>();
    for (int i = 0; i <= PROCESSES; i++) {
      String reference = "my-app:20250721-21%02d-f7a5a27".formatted(i);
      Path image =
          TestImages.dockerSave(
              folder.resolve(i + ".tar"), ImageSpec.small().withFile("n", "" + i), reference);
      user.s3dock("push", reference, "--from", image.toString()).ok();
      references.add(reference);
    }
    user.s3dock("promote", references.getLast(), "production").ok();
    for (int round = 0; round < ROUNDS; round++) {
      String present = user.s3dock("current", "my-app", "production").ok().line();
      List<Integer> exitCodes = promoteAtOnce(user, references, present);
      assertThat(exitCodes).filteredOn(code -> code == 0).hasSize(1);
      assertThat(exitCodes).filteredOn(code -> code == 4).hasSize(PROCESSES - 1);
      String now = user.s3dock("current", "my-app", "production").ok().line();
      assertThat(now).isNotEqualTo(present).isEqualTo(references.get(exitCodes.indexOf(0)));
    }
  }

  private List<Integer> promoteAtOnce(User user, List<String> references, String present)
      throws InterruptedException {
    List<String> others = references.stream().filter(r -> !r.equals(present)).toList();
    List<Process> processes = new ArrayList<>();
    for (String reference : others) {
      processes.add(
          user.start(
              128,
              folder.resolve("output"),
              "promote",
              reference,
              "production",
              "--expect",
              present));
    }
    List<Integer> exitCodes = new ArrayList<>();
    for (String reference : references) {
      int index = others.indexOf(reference);
      exitCodes.add(index < 0 ? -1 : exitCode(processes.get(index)));
    }
    return exitCodes;
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }
}
