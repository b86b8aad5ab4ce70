package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.store.ObjectKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pointers that somebody else has written. */
class HostilePointerTest {
  private final Bucket bucket = new Bucket();

  @ParameterizedTest
  @CsvSource({
    "image, pointers/my-app/production.json",
    "tag, pointers/my-app/production.json",
    "tag, tags/other/v1.json",
    "image, images/other/202507/other-20250721-2118-f7a5a27.tar.gz",
    "image, images/my-app/202507/my-app-20250721-2118-f7a5a27.json",
    "image, ../../etc/passwd",
    "image, /images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz",
    "other, images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz"
  })
  void a_target_outside_the_rules_is_damage(String type, String path) {
    write("{\"target_type\": \"%s\", \"target_path\": \"%s\"}".formatted(type, path));
    assertDamage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{", "{}", "{\"target_type\": 1}", "\u0000", "{}{}"})
  void what_is_no_pointer_is_damage(String text) {
    write(text);
    assertDamage();
  }

  @Test
  void a_json_bomb_is_damage() {
    write("{\"a\":".repeat(50_000));
    assertDamage();
  }

  @Test
  void a_version_that_leads_to_a_version_is_damage() {
    write("{\"target_type\": \"tag\", \"target_path\": \"tags/my-app/v1.json\"}");
    bucket.put(
        new ObjectKey("tags/my-app/v1.json"),
        "{\"target_type\": \"tag\", \"target_path\": \"tags/my-app/v1.json\"}");
    assertDamage();
  }

  private void write(String text) {
    bucket.put(new ObjectKey("pointers/my-app/production.json"), text);
  }

  private void assertDamage() {
    assertThatThrownBy(() -> bucket.resolver.resolve(Bucket.APP, "production"))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.CORRUPT))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\u0000"));
  }
}
