package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The lifecycle rules of {@code docs/operations.md} are JSON, and let nothing go that is needed.
 */
class LifecyclePageTest {
  private static final Pattern JSON = Pattern.compile("```json\\n(.*?)```", Pattern.DOTALL);

  private static JsonNode rules() throws IOException {
    Matcher found = JSON.matcher(Files.readString(Path.of("docs/operations.md")));
    assertThat(found.find()).isTrue();
    return new ObjectMapper().readTree(found.group(1)).path("Rules");
  }

  @Test
  void what_goes_by_age_is_temporary() throws IOException {
    List<String> expiring = new ArrayList<>();
    for (JsonNode rule : rules()) {
      if (rule.at("/Expiration/Days").isInt()) {
        expiring.add(rule.at("/Filter/Prefix").asText());
        assertThat(rule.at("/Expiration/Days").asInt()).isGreaterThan(1);
      }
    }
    assertThat(expiring).containsExactly("temporary/", ".s3dock/probe/");
  }

  @Test
  void only_what_is_too_large_for_metadata_changes_its_class() throws IOException {
    List<String> moving = new ArrayList<>();
    for (JsonNode rule : rules()) {
      for (JsonNode transition : rule.path("Transitions")) {
        moving.add(transition.path("StorageClass").asText());
        assertThat(rule.at("/Filter/And/Prefix").asText()).isEqualTo("images/");
        assertThat(rule.at("/Filter/And/ObjectSizeGreaterThan").asInt())
            .isGreaterThanOrEqualTo(32 << 20);
      }
    }
    assertThat(moving).containsExactly("INTELLIGENT_TIERING");
  }
}
