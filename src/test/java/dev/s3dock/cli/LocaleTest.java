package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Load balancers, engines and scripts read numbers in one alphabet alone. */
@Isolated // the locale is the process's
class LocaleTest {
  @TempDir Path folder;

  @Test
  void numbers_are_the_same_in_every_locale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat("%d".formatted(12)).as("without s3dock").isNotEqualTo("12");
      new User(folder).s3dock("version").ok();
      assertThat("%d".formatted(12)).isEqualTo("12");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void an_argument_that_was_no_text_is_refused() {
    User.Result result = new User(folder).s3dock("list", "images", "caf\uFFFD");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("is not UTF-8");
  }
}
