package dev.s3dock.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The check can fail. What it looks for is put together here, so that no report holds it. */
class PlantedSecretsTest {
  @TempDir Path folder;

  static List<Integer> places() {
    return List.of(0, 1, 2, 3, 4, 5, 6, 7);
  }

  private static String leak(int place) {
    String secret = List.of(PlantedSecrets.SECRET_KEY, PlantedSecrets.ACCESS_KEY).get(place % 2);
    String text =
        switch (place / 2) {
          case 0 -> secret;
          case 1 -> URLEncoder.encode(secret, StandardCharsets.UTF_8);
          default -> base64("user" + ":".repeat(place) + secret);
        };
    return "before " + text + " after";
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @MethodSource("places")
  void a_secret_is_found_in_every_form(int place) {
    assertThat(PlantedSecrets.in(leak(place)).isPresent()).isTrue();
    assertThatThrownBy(() -> PlantedSecrets.requireAbsent("x", leak(place)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void the_script_fails_over_a_report_with_a_secret_alone() throws Exception {
    Path report = folder.resolve("surefire-reports/TEST-x.xml");
    Files.createDirectories(report.resolveSibling(""));
    Files.writeString(report, "all is well: " + base64("nothing"));
    assertThat(check()).isZero();
    for (int place : places()) {
      Files.writeString(report, leak(place));
      assertThat(check()).as("place " + place).isEqualTo(1);
    }
    Files.writeString(report, "well again");
    Files.writeString(folder.resolve("command-output.log"), leak(0));
    assertThat(check()).isEqualTo(1);
  }

  @Test
  void the_script_fails_without_reports() throws Exception {
    assertThat(check()).isEqualTo(2);
  }

  private int check() throws IOException, InterruptedException {
    return new ProcessBuilder("scripts/check-secrets", folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
