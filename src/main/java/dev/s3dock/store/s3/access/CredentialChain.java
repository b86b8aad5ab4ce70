package dev.s3dock.store.s3.access;

import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.profiles.ProfileProperty;
import software.amazon.awssdk.utils.SystemSetting;

/**
 * The SDK's chain of sources. Where it finds nothing it does not tell whether a source that the
 * user has set up is at fault, so that is looked for here.
 */
public final class CredentialChain implements AwsCredentialsProvider {
  private final AwsCredentialsProvider chain;
  private final Supplier<ProfileFile> files;
  private final Optional<String> chosen;

  /**
   * A chain that fails as the SDK's does.
   *
   * @param files what {@code ~/.aws} says
   * @param chosen the name of the profile that the user has asked for
   */
  public CredentialChain(
      AwsCredentialsProvider chain, Supplier<ProfileFile> files, Optional<String> chosen) {
    this.chain = chain;
    this.files = files;
    this.chosen = chosen;
  }

  /** The one of this process. */
  public static CredentialChain ofProcess() {
    return new CredentialChain(
        DefaultCredentialsProvider.builder().build(),
        ProfileFile::defaultProfileFile,
        value(ProfileFileSystemSetting.AWS_PROFILE));
  }

  /** A source that the user has set up does not give any credentials; the message says why. */
  public static final class SourceFailedException extends SdkClientException {
    private static final long serialVersionUID = 1L;

    SourceFailedException(String message, Throwable cause) {
      super(SdkClientException.builder().message(message).cause(cause));
    }
  }

  @Override
  public AwsCredentials resolveCredentials() {
    try {
      return chain.resolveCredentials();
    } catch (SdkClientException e) {
      throw fault().orElse(e);
    }
  }

  /** The first source of the chain that is set up, in the chain's order. */
  private Optional<SdkClientException> fault() {
    if (value(SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE).isPresent()) {
      return failure(
          WebIdentityTokenFileCredentialsProvider.create(),
          "the role of AWS_ROLE_ARN cannot be assumed with AWS_WEB_IDENTITY_TOKEN_FILE (%s)");
    }
    Optional<SdkClientException> ofProfile = faultOfProfile();
    if (ofProfile.isEmpty()
        && (value(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI).isPresent()
            || value(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI).isPresent())) {
      return failure(
          ContainerCredentialsProvider.create(),
          "the container's source of credentials, AWS_CONTAINER_CREDENTIALS_…, fails (%s)");
    }
    return ofProfile;
  }

  private Optional<SdkClientException> faultOfProfile() {
    String name = chosen.orElse("default");
    try {
      ProfileFile known = files.get();
      Optional<Profile> profile = known.profile(name);
      if (profile.isEmpty()) {
        return chosen.map(
            it -> new SourceFailedException(noProfile(it), new IllegalArgumentException(it)));
      }
      AwsCredentialsProvider source =
          ProfileCredentialsProvider.builder().profileFile(known).profileName(name).build();
      return words(name, profile.get().properties()).flatMap(words -> failure(source, words));
    } catch (IllegalArgumentException e) {
      return Optional.of(
          new SourceFailedException("the files in ~/.aws cannot be read: " + SdkWords.of(e), e));
    }
  }

  private static String noProfile(String name) {
    return "AWS_PROFILE is %s, and there is no such profile in ~/.aws/config and ~/.aws/credentials"
        .formatted(name);
  }

  /** How to tell of the source of this profile; empty if it has none. */
  private static Optional<String> words(String name, Map<String, String> profile) {
    String quoted = "the AWS profile " + name.replace("%", "%%");
    if (profile.containsKey(ProfileProperty.ROLE_ARN)) {
      return Optional.of(quoted + " cannot assume its role (%s); check role_arn and its trust");
    }
    if (profile.containsKey("sso_session") || profile.containsKey("sso_start_url")) {
      return Optional.of(
          quoted + " has no valid SSO session (%s); sign in with: aws sso login --profile " + name);
    }
    if (profile.containsKey(ProfileProperty.CREDENTIAL_PROCESS)) {
      return Optional.of("credential_process of " + quoted + " fails (%s); run it by hand");
    }
    return profile.containsKey(ProfileProperty.AWS_ACCESS_KEY_ID)
        ? Optional.of(quoted + " is incomplete (%s)")
        : Optional.empty();
  }

  /** Asks a source once more, alone; empty if it knows the credentials by now. */
  private static Optional<SdkClientException> failure(AwsCredentialsProvider source, String words) {
    try {
      source.resolveCredentials();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(new SourceFailedException(words.formatted(reason(e)), e));
    }
  }

  /** What a program has printed stays out of messages, as it may be a secret: its errors do not. */
  private static String reason(RuntimeException failure) {
    Throwable deepest = failure;
    while (deepest.getCause() instanceof RuntimeException cause) {
      deepest = cause;
    }
    return deepest instanceof UncheckedIOException broken
            && !(broken.getCause() instanceof FileSystemException)
        ? "what it gives is not JSON"
        : SdkWords.of(deepest);
  }

  private static Optional<String> value(SystemSetting setting) {
    return setting.getNonDefaultStringValue();
  }
}
