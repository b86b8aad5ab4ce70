package dev.s3dock.cli.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessContextTest {
  @Test
  void home_is_where_the_environment_says_and_else_that_of_the_account() {
    assertThat(ProcessContext.home(Map.of("HOME", "/github/home")))
        .isEqualTo(Path.of("/github/home"));
    Path account = Path.of(System.getProperty("user.home"));
    assertThat(ProcessContext.home(Map.of())).isEqualTo(account);
    assertThat(ProcessContext.home(Map.of("HOME", ""))).isEqualTo(account);
  }
}
