package dev.s3dock.store.s3.access;

import dev.s3dock.store.StoreException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.profiles.ProfileProperty;

/**
 * What the AWS CLI's configuration says of the way to S3. The SDK follows its endpoint silently,
 * and s3dock has to know where it goes: at Amazon it does not try what the store can do.
 */
public final class AwsProfile {
  private static final Pattern ADDRESSING =
      Pattern.compile("(?m)^\\s*addressing_style\\s*=\\s*(auto|path|virtual)\\s*$");

  private final ProfileFile files;
  private final String name;

  AwsProfile(ProfileFile files, String name) {
    this.files = files;
    this.name = name;
  }

  /**
   * That of {@code AWS_PROFILE}, or the default one.
   *
   * @throws StoreException {@link StoreException.Kind#FAILED} if the files cannot be understood
   */
  public static AwsProfile ofProcess() {
    try {
      return new AwsProfile(
          ProfileFile.defaultProfileFile(),
          ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow());
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          StoreException.Kind.FAILED, "the files in ~/.aws cannot be read: " + SdkWords.of(e), e);
    }
  }

  public String name() {
    return name;
  }

  /**
   * Where S3 is: {@code endpoint_url} of the section that {@code services} names, or that of the
   * profile; empty at Amazon.
   *
   * @throws StoreException {@link StoreException.Kind#FAILED} if it is no URL
   */
  public Optional<URI> endpoint() {
    Optional<Profile> profile = files.profile(name);
    boolean ignored =
        SdkSystemSetting.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
            .getStringValue()
            .or(
                () ->
                    profile.flatMap(
                        p -> p.property(ProfileProperty.IGNORE_CONFIGURED_ENDPOINT_URLS)))
            .map(Boolean::parseBoolean)
            .orElse(false);
    if (ignored) {
      return Optional.empty();
    }
    return profile
        .flatMap(p -> p.property("services"))
        .flatMap(services -> files.getSection("services", services))
        .flatMap(section -> section.property("s3." + ProfileProperty.ENDPOINT_URL))
        .or(() -> profile.flatMap(p -> p.property(ProfileProperty.ENDPOINT_URL)))
        .map(this::url);
  }

  private URI url(String text) {
    try {
      URI url = URI.create(text);
      if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new StoreException(
        StoreException.Kind.FAILED,
        "endpoint_url of the AWS profile %s is not a URL; use https://host:port".formatted(name));
  }

  /**
   * Where the bucket stands in addresses: {@code addressing_style} below {@code s3}, one of {@code
   * auto}, {@code path} and {@code virtual}.
   */
  public Optional<String> addressing() {
    return files
        .profile(name)
        .flatMap(p -> p.property("s3"))
        .map(ADDRESSING::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1));
  }

  /** The file with the certificates to trust: {@code ca_bundle}. */
  public Optional<Path> certificates() {
    return files.profile(name).flatMap(p -> p.property("ca_bundle")).map(Path::of);
  }
}
