package dev.s3dock.store.s3.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.store.S3Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.profiles.ProfileFile;

/** What the SDK asks by itself, to get credentials. Every command sets the way of its process. */
@Isolated
class CredentialRouteTest {
  private static final String ENDPOINT = "aws.endpointUrlSts";

  @TempDir Path folder;

  @Test
  void the_role_of_a_profile_is_asked_for_by_the_proxy() throws Exception {
    assertThat(askedOfTheProxy("http://sts.invalid"))
        .isNotEmpty()
        .allSatisfy(target -> assertThat(target).startsWith("http://sts.invalid"));
  }

  @Test
  void each_host_has_a_way_of_its_own() throws Exception {
    try (FaultProxy sts = FaultProxy.inFrontOf(S3Servers.s3Mock().endpoint())) {
      assertThat(askedOfTheProxy(sts.endpoint().toString())).as("by the proxy").isEmpty();
      assertThat(sts.requests()).as("directly").isNotEmpty();
    }
  }

  /** What of the requests for a role goes by a proxy that this machine is reached without. */
  private List<String> askedOfTheProxy(String endpoint) throws Exception {
    Path config = folder.resolve("config");
    Files.writeString(
        config,
        """
        [profile keys]
        aws_access_key_id = AKIA1
        aws_secret_access_key = s3cret
        [profile work]
        region = eu-west-1
        role_arn = arn:aws:iam::1:role/r
        source_profile = keys
        """,
        UTF_8);
    ProfileFile files =
        ProfileFile.builder().content(config).type(ProfileFile.Type.CONFIGURATION).build();
    System.setProperty(ENDPOINT, endpoint);
    try (FaultProxy proxy = FaultProxy.inFrontOf(S3Servers.s3Mock().endpoint())) {
      S3Route byProxy = new S3Route(Optional.of(proxy.endpoint()), Optional.empty());
      CredentialRoute.use(
          address -> address.getHost().equals("127.0.0.1") ? S3Route.DIRECT : byProxy);
      try (ProfileCredentialsProvider work =
          ProfileCredentialsProvider.builder().profileFile(files).profileName("work").build()) {
        assertThatThrownBy(work::resolveCredentials).isInstanceOf(RuntimeException.class);
      }
      return proxy.requests().stream().map(FaultProxy.Request::target).toList();
    } finally {
      System.clearProperty(ENDPOINT);
      CredentialRoute.use(address -> S3Route.DIRECT);
    }
  }
}
