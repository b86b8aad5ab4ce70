package dev.s3dock.cli.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.deploy.loadbalancer.alb.MetadataServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The keys of the driver {@code alb}, and what {@code docs/traffic-alb.md} shows of them. */
class TargetGroupSettingsTest {
  private static final Path PAGE = Path.of("docs/traffic-alb.md");
  private static final String ARN =
      "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef";
  private static final String NO_METADATA = "http://127.0.0.1:1";

  @TempDir Path folder;
  private User user;

  @BeforeEach
  void stand() throws IOException {
    user =
        new User(folder)
            .with("S3DOCK_BUCKET", Files.createDirectories(folder.resolve("b")).toUri().toString())
            .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", NO_METADATA);
  }

  private void configure(String json5) throws IOException {
    Files.writeString(user.workingDirectory().resolve("s3dock.json5"), json5);
  }

  private static String app(String keys, String traffic) {
    return "{ deploy: { shop: { port: 8080, %s traffic: { driver: 'alb', %s } } } }"
        .formatted(keys, traffic);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "publish: '10.0.1.5', | instance: 'i-0123456789abcdef0' | traffic.target_group",
        "publish: '10.0.1.5', | target_group: 'web', instance: 'i-0123456789abcdef0' | 'web' is not the ARN",
        "publish: '10.0.1.5', | target_group: 'ARN', instance: 'web-1' | 'web-1' is not the ID of an EC2 instance",
        "publish: '10.0.1.5', | target_group: 'ARN', target: 'lambda' | traffic.target",
        "publish: '10.0.1.5', | target_group: 'ARN', endpoint: 'elb' | traffic.endpoint",
        "publish: '10.0.1.5', | target_group: 'ARN', instance: 'i-0123456789abcdef0', healthy_timeout: '0s' | traffic.healthy_timeout",
        "publish: '127.0.0.1', | target_group: 'ARN', target: 'ip' | cannot be reached by the load balancer",
        "publish: 'container', | target_group: 'ARN', target: 'ip' | cannot be reached by the load balancer",
        "order: 'stop-first', publish: '10.0.1.5', | target_group: 'ARN', target: 'ip' | order",
        "\"\" | target_group: 'ARN', target: 'ip' | the key 'publish' is missing, and the EC2 instance metadata service",
        "publish: '10.0.1.5', | target_group: 'ARN' | the key 'traffic.instance' is missing, and the EC2",
      })
  void what_cannot_be_honoured_is_told_before_anything_begins(
      String keys, String traffic, String says) throws IOException {
    configure(app(keys, traffic.replace("ARN", ARN)));
    User.Result result = user.s3dock("deploy", "shop", "production");
    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(says, "s3dock.json5");
  }

  @Test
  void the_policy_allows_the_groups_of_all_environments_and_only_these() throws IOException {
    String other = ARN.replace("/web/", "/staging/");
    configure(
        "{ deploy: { shop: { port: 1, traffic: { driver: 'alb', target_group: '%s' }, environments: { staging: { traffic: { target_group: '%s' } } } }, wiki: { port: 1, traffic: { driver: 'haproxy', backend: 'wiki' } } } }"
            .formatted(ARN, other));
    JsonNode statements = policy("deployer").at("/data/policy/Statement");
    assertThat(statements).hasSize(7);
    assertThat(statements.get(5).at("/Resource").toString())
        .isEqualTo("[\"%s\",\"%s\"]".formatted(other, ARN));
    assertThat(policy("reader").toString()).doesNotContain("elasticloadbalancing");
  }

  private JsonNode policy(String role) {
    return user.s3dock(
            "doctor", "--policy", role, "--host", "web-1", "--bucket", "s3://mine", "--json")
        .ok()
        .json();
  }

  /** The page shows a configuration, and the statements that belong to it. */
  @Test
  void the_page_shows_what_is_printed() throws IOException {
    String page = Files.readString(PAGE, UTF_8);
    configure("{" + block(page, "json5") + "}");
    String printed =
        user.s3dock("doctor", "--policy", "deployer", "--bucket", "s3://mine").ok().out();
    String shown = block(page, "json").indent(4).stripTrailing();
    assertThat(printed).contains(shown);
    configure(
        "{"
            + block(page, "json5")
                .replace("driver: \"alb\"", "driver: \"alb\", endpoint: \"http://127.0.0.1:1\"")
            + "}");
    try (MetadataServer metadata = new MetadataServer("i-0123456789abcdef0", "10.0.1.5")) {
      user.with("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://" + metadata.address());
      User.Result result = user.s3dock("deploy", "shop", "production");
      assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
      assertThat(result.err()).contains("Elastic Load Balancing in eu-central-1 does not answer");
    }
  }

  private static String block(String page, String language) {
    Matcher block =
        Pattern.compile("```%s\n(.*?)```".formatted(language), Pattern.DOTALL).matcher(page);
    assertThat(block.find()).isTrue();
    return block.group(1);
  }
}
