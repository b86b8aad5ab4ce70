package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.bucket.DoctorFixture;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestNotesTest {
  @TempDir Path folder;

  @Test
  void level_3_shows_each_request_and_what_they_cost_together() {
    User user = new DoctorFixture(folder, S3Servers.s3Mock()).user();
    User.Result result = user.s3dock("list", "apps", "-l", "3").ok();
    assertThat(result.err().lines())
        .anyMatch(line -> line.matches("GET /.*prefix=images%2F.*: 200, \\d+ ms.*"));
    assertThat(result.err().lines().toList().getLast())
        .matches("took \\d+\\.\\d\\d s; 3 requests to the store \\(3 GET\\).*");
    assertThat(result.out()).isEqualTo(user.s3dock("list", "apps").ok().out());
    assertThat(user.s3dock("list", "apps").ok().err()).isEmpty();
  }

  @Test
  void a_folder_is_asked_nothing_and_the_time_is_told() throws IOException {
    Files.createDirectory(folder.resolve("s"));
    User user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("s").toUri().toString());
    assertThat(user.s3dock("list", "apps", "-l", "3").ok().err()).matches("took \\d+\\.\\d\\d s\n");
  }
}
