package dev.s3dock.archive.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.CorruptArchiveException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSettingsTest {
  private static ImageSettings parse(String json) throws CorruptArchiveException {
    return ImageSettings.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void it_tells_how_the_image_wants_to_run() throws CorruptArchiveException {
    ImageSettings settings =
        parse(
            """
            {"created": "2025-07-21T21:18:00Z", "config": {
              "Entrypoint": ["/bin/run", "--fast"], "Cmd": ["serve"], "User": "app",
              "WorkingDir": "/srv", "ExposedPorts": {"8443/tcp": {}, "8080/tcp": {}},
              "Labels": {"b": "2", "a": "1"}}}
            """);
    assertThat(settings.created()).isEqualTo("2025-07-21T21:18:00Z");
    assertThat(settings.entrypoint()).containsExactly("/bin/run", "--fast");
    assertThat(settings.command()).containsExactly("serve");
    assertThat(settings.user()).isEqualTo("app");
    assertThat(settings.workingDirectory()).isEqualTo("/srv");
    assertThat(settings.ports()).containsExactly("8080/tcp", "8443/tcp");
    assertThat(settings.labels()).containsExactly(entry("a", "1"), entry("b", "2"));
  }

  private static Map.Entry<String, String> entry(String key, String value) {
    return Map.entry(key, value);
  }

  @Test
  void of_variables_only_the_names_are_kept() throws CorruptArchiveException {
    assertThat(parse("{\"config\": {\"Env\": [\"PATH=/bin\", \"KEY=a=b\", \"BARE\"]}}").toString())
        .contains("[PATH, KEY, BARE]")
        .doesNotContain("/bin", "a=b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"config\": null}",
        "{\"config\": {\"Entrypoint\": null, \"Cmd\": \"text\", \"Env\": {}, \"User\": null,"
            + " \"ExposedPorts\": [], \"Labels\": []}, \"created\": 7}"
      })
  void what_it_does_not_say_is_empty(String json) throws CorruptArchiveException {
    ImageSettings settings = parse(json);
    assertThat(settings.created() + settings.user() + settings.workingDirectory()).isEmpty();
    assertThat(settings.entrypoint()).isEmpty();
    assertThat(settings.command()).isEmpty();
    assertThat(settings.environmentNames()).isEmpty();
    assertThat(settings.ports()).isEmpty();
    assertThat(settings.labels()).isEmpty();
  }

  @Test
  void what_is_no_json_is_refused() {
    assertThatThrownBy(() -> parse("{")).isInstanceOf(CorruptArchiveException.class);
  }
}
