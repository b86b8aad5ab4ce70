package dev.s3dock.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.store.s3.access.CredentialChain;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.profiles.ProfileFile;

/** Where the SDK says that it has found no credentials, s3dock says which source is at fault. */
class CredentialChainTest {
  private static final String NOTHING = "Unable to load credentials from any of the providers";
  private static final AwsCredentialsProvider FINDS_NOTHING =
      () -> {
        throw SdkClientException.create(NOTHING);
      };

  private static ProfileFile config(String text) {
    return ProfileFile.builder()
        .content(new ByteArrayInputStream(text.getBytes(UTF_8)))
        .type(ProfileFile.Type.CONFIGURATION)
        .build();
  }

  private static CredentialChain chain(String config, @Nullable String chosen) {
    return new CredentialChain(FINDS_NOTHING, () -> config(config), Optional.ofNullable(chosen));
  }

  @ParameterizedTest
  @CsvSource({
    "'[profile other]\nregion = eu-west-1', 'AWS_PROFILE is work, and there is no such profile'",
    "'[profile work]\ncredential_process = sh -c \"echo no luck >&2; exit 3\"', credential_process of the AWS profile work fails",
    "'[profile work]\ncredential_process = sh -c \"exit 3\"', (3)",
    "'[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = none', the AWS profile work cannot assume its role",
    "'[profile work]\nsso_start_url = https://x.invalid\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r', aws sso login --profile work",
  })
  void the_source_that_is_set_up_and_fails_is_named(String config, String words) {
    assertThatThrownBy(chain(config, "work")::resolveCredentials)
        .isInstanceOf(CredentialChain.SourceFailedException.class)
        .hasMessageContaining(words)
        .hasMessageNotContaining(NOTHING);
  }

  @Test
  void what_a_program_prints_is_not_shown() {
    assertThatThrownBy(
            chain("[profile work]\ncredential_process = echo AKIASECRET", "work")
                ::resolveCredentials)
        .hasMessageContaining("credential_process")
        .hasMessageNotContaining("AKIASECRET");
  }

  @Test
  void where_nothing_is_set_up_none_are_found() {
    assertThatThrownBy(chain("[profile other]\nregion = x", null)::resolveCredentials)
        .hasMessage(NOTHING);
    assertThatThrownBy(chain("[default]\nregion = x", null)::resolveCredentials)
        .hasMessage(NOTHING);
  }

  @Test
  void the_message_of_a_command_has_the_source_and_not_that_none_was_found() {
    S3Errors errors =
        new S3Errors(
            new S3Settings(
                "bucket",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                ConditionalWrites.REQUIRED,
                Path.of("probes")));
    SdkException failure =
        assertThatExceptionOfType(SdkException.class)
            .isThrownBy(chain("", "work")::resolveCredentials)
            .actual();
    assertThat(errors.translate(failure, "list images/", "s3:ListBucket"))
        .hasMessageContaining("cannot list images/ in s3://bucket")
        .hasMessageContaining("AWS_PROFILE is work")
        .hasMessageNotContaining("no credentials found");
  }
}
