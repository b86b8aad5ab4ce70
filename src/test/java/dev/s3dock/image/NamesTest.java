package dev.s3dock.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @CsvSource({
    "myapp:20250721-2118-f7a5a27, myapp, 20250721-2118, f7a5a27",
    "my-app:20250721-2118-f7a5a, my-app, 20250721-2118, f7a5a",
    "host:5000/team/myapp:20250721-2118-f7a5a27, myapp, 20250721-2118, f7a5a27",
    "a.b_c--d:20240229-0000-0123456789abcdef0123456789abcdef01234567, a.b_c--d, 20240229-0000,"
        + " 0123456789abcdef0123456789abcdef01234567"
  })
  void a_reference_tells_app_stamp_and_hash(String text, String app, String stamp, String hash) {
    ImageReference reference = ImageReference.parse(text);
    assertThat(reference.app().value()).isEqualTo(app);
    assertThat(reference.stamp().value()).isEqualTo(stamp);
    assertThat(reference.hash()).isEqualTo(hash);
    assertThat(reference).hasToString(app + ":" + stamp + "-" + hash);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "myapp",
        "myapp:",
        "myapp:latest",
        ":20250721-2118-f7a5a27",
        "host:5000/myapp",
        "myapp:20250721-2118",
        "myapp:20250721-2118-f7a5",
        "myapp:20250721-2118-F7A5A27",
        "myapp:20250721-2118-f7a5a2g",
        "myapp:20250230-2118-f7a5a27",
        "myapp:20250721-2460-f7a5a27",
        "My:20250721-2118-f7a5a27",
        "-my:20250721-2118-f7a5a27",
        "my-:20250721-2118-f7a5a27",
        "../x:20250721-2118-f7a5a27/",
        "myapp:20250721-2118-f7a5a27\n",
        "my\u001b[31mapp:20250721-2118-f7a5a27"
      })
  void a_malformed_reference_is_refused_and_shown_without_control_characters(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(InvalidNameException.class)
        .message()
        .startsWith("malformed")
        .doesNotContain("\u001b", "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "myapp:20250721-2118-f7a5a27, myapp, 20250721-2118-f7a5a27, true",
    "my-app:v1.2.0, my-app, v1.2.0, false",
    "my-app:production, my-app, production, false",
    "my-app:1.0+build.5, my-app, 1.0+build.5, false",
    "host:5000/team/my-app:latest, my-app, latest, false"
  })
  void what_stands_behind_an_app_is_an_image_or_a_name_for_one(
      String text, String app, String tag, boolean image) {
    TaggedName named = TaggedName.parse(text);
    assertThat(TaggedName.isIn(text)).isTrue();
    assertThat(named).isEqualTo(new TaggedName(new AppName(app), tag));
    assertThat(named.image().isPresent()).isEqualTo(image);
    assertThat(named).hasToString(app + ":" + tag);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "myapp",
        "myapp:",
        ":v1",
        "host:5000/myapp",
        "myapp:v1 2",
        "myapp:-v1",
        "myapp:a/b",
        "My:v1",
        "myapp:20250230-2118-f7a5a27",
        "myapp:20250721-2460-f7a5a27",
        "myapp:v1\u001b[31m"
      })
  void what_names_no_image_is_refused_in_plain_words(String text) {
    assertThatThrownBy(() -> TaggedName.parse(text))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("malformed")
        .message()
        .doesNotContain("\u001b");
  }

  @Test
  void an_app_name_may_have_128_characters_and_no_more() {
    assertThat(new AppName("a".repeat(128)).value()).hasSize(128);
    assertThat(AppName.isValid("a".repeat(129))).isFalse();
    assertThat(AppName.isValid("a" + "-a".repeat(63) + "!")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1.2.0", "1.2", "release_7", "v1.2.0-rc.1+build.5", "2025"})
  void a_version_is_any_plain_name(String text) {
    assertThat(new Version(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "latest", "20250721-2118-f7a5a27", ".v1", "v1/2", "v1 2", "../v1", "v1\n"})
  void a_version_that_moves_or_confuses_is_refused(String text) {
    assertThatThrownBy(() -> new Version(text)).isInstanceOf(InvalidNameException.class);
  }

  @Test
  void versions_are_ordered_by_semver_precedence() {
    List<Version> ordered =
        List.of(
                "nightly",
                "v1.0.0-alpha",
                "1.0.0-alpha.1",
                "v1.0.0-alpha.beta",
                "1.0.0-beta",
                "v1.0.0-beta.2",
                "v1.0.0-beta.11",
                "v1.0.0-rc.1",
                "1.0.0",
                "v1.1.5",
                "v1.2.0",
                "v1.10.0",
                "v99999999999999999999.0.0")
            .stream()
            .map(Version::new)
            .toList();
    List<Version> shuffled = Arrays.asList(ordered.toArray(Version[]::new));
    Collections.reverse(shuffled);
    Collections.sort(shuffled);
    assertThat(shuffled).isEqualTo(ordered);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "pro duction", "-x", "a/b", "é"})
  void a_malformed_environment_is_refused(String text) {
    assertThatThrownBy(() -> new Environment(text)).isInstanceOf(InvalidNameException.class);
  }

  @Test
  void an_environment_may_have_63_characters() {
    assertThat(new Environment("e".repeat(63)).value()).hasSize(63);
    assertThatThrownBy(() -> new Environment("e".repeat(64)))
        .isInstanceOf(InvalidNameException.class);
  }

  @Test
  void a_stamp_is_rendered_in_the_offset_of_the_commit() {
    CommitStamp stamp = CommitStamp.of(OffsetDateTime.parse("2025-07-31T23:50:59+02:00"));
    assertThat(stamp).hasToString("20250731-2350");
    assertThat(stamp.yearMonth()).isEqualTo("202507");
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64, linux-amd64",
    "linux/arm64/v8, linux/arm64, linux-arm64",
    "linux/arm/v7, linux/arm/v7, linux-arm-v7"
  })
  void a_platform_has_one_form(String text, String form, String suffix) {
    assertThat(Platform.parse(text)).hasToString(form);
    assertThat(Platform.parse(text).suffix()).isEqualTo(suffix);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "linux", "linux/", "a/b/c/d", "Linux/amd64", "linux/../x"})
  void a_malformed_platform_is_refused(String text) {
    assertThatThrownBy(() -> Platform.parse(text)).isInstanceOf(InvalidNameException.class);
  }

  @Test
  void a_digest_is_sha256_and_64_digits() {
    Digest empty = Digest.of(new byte[0]);
    assertThat(empty)
        .hasToString("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assertThat(Digest.parse(empty.toString())).isEqualTo(empty);
    assertThatThrownBy(() -> Digest.parse("sha512:00")).isInstanceOf(InvalidNameException.class);
    assertThatThrownBy(() -> Digest.parse("sha256:xyz")).isInstanceOf(InvalidNameException.class);
  }
}
