package dev.s3dock.store.s3.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.store.StoreException;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The SDK goes where the AWS CLI's configuration says, so s3dock has to say the same. */
class AwsProfileTest {
  private static ProfileFile config(String text) {
    return ProfileFile.builder()
        .content(new ByteArrayInputStream(text.getBytes(UTF_8)))
        .type(ProfileFile.Type.CONFIGURATION)
        .build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[default]\nendpoint_url = https://s3.example.com:9000\n",
        "[default]\nservices = local\n[services local]\ns3 =\n  endpoint_url = https://s3.example.com:9000\n",
        "[default]\nservices = local\nendpoint_url = https://no.example.com\n[services local]\ns3 =\n  endpoint_url = https://s3.example.com:9000\n"
      })
  void the_endpoint_is_the_one_that_the_sdk_goes_to(String text) {
    ProfileFile files = config(text);
    URI found = new AwsProfile(files, "default").endpoint().orElseThrow();
    assertThat(found).isEqualTo(URI.create("https://s3.example.com:9000"));
    try (S3Client client =
        S3Client.builder()
            .region(Region.US_EAST_1)
            .overrideConfiguration(it -> it.defaultProfileFile(files).defaultProfileName("default"))
            .build()) {
      assertThat(client.utilities().getUrl(get -> get.bucket("b").key("k")).getHost())
          .endsWith(found.getHost());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[default]\nregion = eu-west-1\n",
        "[default]\nignore_configured_endpoint_urls = true\nendpoint_url = https://x.example.com\n",
        "[profile other]\nendpoint_url = https://x.example.com\n"
      })
  void without_one_it_is_amazon(String text) {
    assertThat(new AwsProfile(config(text), "default").endpoint()).isEmpty();
  }

  @Test
  void one_that_is_no_url_is_named() {
    assertThatThrownBy(
            () -> new AwsProfile(config("[default]\nendpoint_url = x\n"), "default").endpoint())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("endpoint_url of the AWS profile default is not a URL");
  }

  @Test
  void it_names_the_certificates_to_trust() {
    assertThat(
            new AwsProfile(config("[default]\nca_bundle = /etc/ca.pem\n"), "default")
                .certificates())
        .contains(Path.of("/etc/ca.pem"));
  }

  @ParameterizedTest
  @CsvSource({"path", "virtual"})
  void a_profile_says_where_the_bucket_stands(String style) {
    AwsProfile profile =
        new AwsProfile(
            config(
                "[default]\nregion = x\ns3 =\n  max_queue_size = 5\n  addressing_style = %s\n"
                    .formatted(style)),
            "default");
    assertThat(profile.addressing()).contains(style);
  }
}
