package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/permissions.md} shows what {@code doctor --policy} prints. */
class PermissionsPageTest {
  private static final Path PAGE = Path.of("docs/permissions.md");
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "```\\n(s3dock doctor --policy [^\\n]+)\\n```\\n\\n```json\\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  /** A command that the page names, and what it says that this prints. */
  record Example(String command, String printed) {}

  private static List<Example> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    Matcher matcher = EXAMPLE.matcher(Files.readString(PAGE));
    while (matcher.find()) {
      examples.add(new Example(matcher.group(1), matcher.group(2)));
    }
    return examples;
  }

  private String printed(String command) {
    return new User(folder).s3dock(command.substring("s3dock ".length()).split(" ")).ok().out();
  }

  @Test
  void the_page_shows_what_is_printed() throws IOException {
    if (Boolean.getBoolean("s3dock.writePages")) {
      write();
    }
    List<Example> examples = examples();
    assertThat(examples)
        .extracting(Example::command)
        .containsExactly(
            "s3dock doctor --policy reader",
            "s3dock doctor --policy deployer --host web-1",
            "s3dock doctor --policy publisher",
            "s3dock doctor --policy promoter",
            "s3dock doctor --policy cleaner");
    assertThat(examples)
        .as("write it anew: mvn test -Dtest=PermissionsPageTest -Ds3dock.writePages=true")
        .allSatisfy(it -> assertThat(it.printed()).isEqualTo(printed(it.command())));
  }

  private void write() throws IOException {
    String page =
        EXAMPLE
            .matcher(Files.readString(PAGE))
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(
                        "```\n%s\n```\n\n```json\n%s```"
                            .formatted(found.group(1), printed(found.group(1)))));
    Files.writeString(PAGE, page);
  }

  @Test
  void the_bucket_that_is_configured_is_named_and_a_store_with_an_endpoint_has_a_probe() {
    User user = new User(folder).with("S3DOCK_BUCKET", "s3://mine/");
    assertThat(user.s3dock("doctor", "--policy", "reader").ok().out())
        .contains("\"arn:aws:s3:::mine\"", "\"arn:aws:s3:::mine/images/*\"")
        .doesNotContain("BUCKET", "probe");
    user.with("AWS_ENDPOINT_URL", "https://minio.example.com");
    assertThat(user.s3dock("doctor", "--policy", "promoter").ok().out())
        .contains("\"arn:aws:s3:::mine/.s3dock/probe/*\"");
    var json = user.s3dock("doctor", "--policy", "promoter", "--json").ok().json();
    assertThat(json.at("/data/policy/Version").asText()).isEqualTo("2012-10-17");
  }

  @Test
  void a_folder_has_none() {
    User user = new User(folder).with("S3DOCK_BUCKET", folder.toUri().toString());
    User.Result result = user.s3dock("doctor", "--policy", "reader");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("no IAM policies");
  }
}
