package dev.s3dock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Secrets stand wherever a user may write one, and everything is told that can be told: none comes
 * out. {@link User} looks through the output of each command.
 */
class SecretsTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String IN_URL = "planted:" + PlantedSecrets.PASSWORD + "@";

  @TempDir Path folder;
  private User user;
  private S3Server server;
  private String bucket;

  @BeforeEach
  void configure() throws IOException {
    server = S3Servers.s3Mock();
    bucket = S3Servers.newBucket(server);
    user =
        new User(folder)
            .with("AWS_ACCESS_KEY_ID", "")
            .with("AWS_SECRET_ACCESS_KEY", "")
            .with("HTTPS_PROXY", "http://" + IN_URL + "127.0.0.1:1")
            .with("https_proxy", "http://" + IN_URL + "127.0.0.1:1");
    write(server.endpoint().toString());
  }

  private void write(String endpoint) throws IOException {
    Path secrets = folder.resolve("secrets.env");
    Files.writeString(secrets, "TOKEN=" + PlantedSecrets.VARIABLE + "\n");
    Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        """
        {profiles: {default: {bucket: '%s', endpoint: '%s', region: 'us-east-1', access_key: '%s', secret_key: '%s'}},
         defaults: {retry_count: 0},
         deploy: {'my-app': {port: 8080, run: {secrets_file: '%s', env: {A: '%s'}},
           traffic: {driver: 'haproxy', socket: '/nowhere', backend: 'app'}}}}
        """
            .formatted(
                bucket,
                endpoint,
                PlantedSecrets.ACCESS_KEY,
                PlantedSecrets.SECRET_KEY,
                secrets,
                PlantedSecrets.VARIABLE));
  }

  @Test
  void neither_output_nor_objects_hold_one() {
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    run(0, "push " + REF + " --from " + image);
    run(0, "tag " + REF + " v1.2.0");
    run(0, "promote my-app v1.2.0 production");
    run(0, "pull my-app production --to out");
    for (String line :
        new String[] {
          "list apps",
          "audit my-app",
          "history my-app production",
          "inspect my-app production",
          "config show",
          "config list",
          "current my-app production"
        }) {
      run(0, line);
      run(0, line + " --json");
    }
    run(6, "pull my-app production");
    user.s3dock("status", "my-app", "production", "-l", "3");
    assertThat(user.s3dock("deploy", "my-app", "production", "-l", "3").exitCode()).isNotZero();
    try (S3Client client = S3Servers.client(server)) {
      for (S3Object object : client.listObjectsV2(list -> list.bucket(bucket)).contents()) {
        String key = object.key();
        byte[] content = client.getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArray();
        PlantedSecrets.requireAbsent(key, key + new String(content, UTF_8));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://%s127.0.0.1:1", "http://%s127.0.0.1:1/x y", "htp://%sx", "%sx"})
  void the_address_of_a_store_that_fails_is_shown_without_its_password(String address)
      throws IOException {
    write(address.formatted(IN_URL));
    for (String line :
        new String[] {"list apps", "config show", "config list", "list apps --json"}) {
      user.s3dock((line + " -l 3").split(" "));
    }
    user.with("AWS_ENDPOINT_URL", address.formatted(IN_URL));
    user.s3dock("list", "apps", "-l", "3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp://%s127.0.0.1:1", "http://%s127.0.0.1:1", "x://%sy", "ssh://%sy"})
  void the_address_of_an_engine_that_fails_is_shown_without_its_password(String address) {
    user.with("DOCKER_HOST", address.formatted(IN_URL)).with("S3DOCK_BUCKET", folder.toUri() + "");
    for (String line : new String[] {"push " + REF, "status my-app", "push " + REF + " --json"}) {
      User.Result result = user.s3dock((line + " -l 3").split(" "));
      assertThat(result.exitCode()).isNotZero();
    }
  }

  @Test
  void wrong_keys_are_refused_without_being_shown() throws IOException {
    S3Server strict = S3Servers.s3Proxy();
    bucket = S3Servers.newBucket(strict);
    write(strict.endpoint().toString());
    user.with("AWS_ACCESS_KEY_ID", "wrong" + PlantedSecrets.ACCESS_KEY)
        .with("AWS_SECRET_ACCESS_KEY", PlantedSecrets.SECRET_KEY)
        .with("AWS_SESSION_TOKEN", "");
    run(7, "list apps");
    run(7, "list apps --json");
    user.with("AWS_SESSION_TOKEN", PlantedSecrets.SESSION_TOKEN);
    assertThat(user.s3dock("list", "apps", "-l", "3").exitCode()).isNotZero();
  }

  private void run(int exitCode, String line) {
    User.Result result = user.s3dock((line + " -l 3").split(" "));
    assertThat(result.exitCode()).as(line).isEqualTo(exitCode);
  }
}
