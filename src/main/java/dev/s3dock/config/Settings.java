package dev.s3dock.config;

import dev.s3dock.config.ConfigFile.Profile;
import dev.s3dock.image.Printable;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is in force for one command: flag before environment variable before file before default.
 *
 * @param profile name of the profile in force
 * @param bucket its name, or {@code file://…}; empty if none is named anywhere
 * @param region as configured; empty leaves it to the AWS SDK
 * @param endpoint of an S3-compatible store; empty for Amazon S3
 * @param addressing {@code auto}, {@code path} or {@code virtual}; empty leaves it to the AWS
 *     profile
 * @param credentials key pair from the environment or the profile; empty leaves it to the AWS
 *     default credential chain
 * @param conditionalWritesOff true if the profile accepts a store that ignores preconditions
 * @param dockerTimeout how long the engine may take to answer
 * @param compression {@code gzip}, {@code gzip:LEVEL}, {@code zstd} or {@code zstd:LEVEL}
 * @param threads that compress and decompress; empty for as many as there are processors
 * @param cacheBytes most bytes of compressed members that are kept on this machine; 0 for none
 * @param chunkFolder where pulls keep chunks, as the file says it; empty for the usual place
 * @param chunkBytes most bytes of them; 0 for none
 * @param retryCount how often a failed request is sent again
 * @param logLevel 1 (results and errors) to 3 (all)
 * @param general what is in force of the keys outside the profiles, as text; empty for nothing
 */
public record Settings(
    String profile,
    Optional<String> bucket,
    Optional<String> region,
    Optional<URI> endpoint,
    Optional<String> addressing,
    Optional<Credentials> credentials,
    boolean conditionalWritesOff,
    Duration dockerTimeout,
    String compression,
    Optional<Integer> threads,
    long cacheBytes,
    Optional<String> chunkFolder,
    long chunkBytes,
    int retryCount,
    int logLevel,
    Map<Key<?>, String> general) {
  /** An AWS key pair; its text never shows the secrets. */
  public record Credentials(String accessKey, String secretKey, Optional<String> sessionToken) {
    @Override
    public String toString() {
      return "Credentials[" + masked() + "]";
    }

    /** The access key with all but its last four characters hidden. */
    public String masked() {
      int shown = accessKey.length() > 8 ? 4 : 0;
      return "****" + accessKey.substring(accessKey.length() - shown);
    }
  }

  /** What the command line says; empty where it says nothing. */
  public record Flags(
      Optional<String> profile,
      Optional<String> bucket,
      Optional<String> region,
      Optional<String> endpoint,
      Optional<Integer> logLevel) {}

  /**
   * Puts the sources together.
   *
   * @throws ConfigException if the profile does not exist or a value cannot be honoured
   */
  public static Settings resolve(ConfigFile file, Flags flags, Map<String, String> environment) {
    String name =
        flags
            .profile()
            .or(() -> variable(environment, "S3DOCK_PROFILE"))
            .orElseGet(() -> file.get(ConfigKeys.DEFAULT_PROFILE));
    Profile profile = profile(file, name, flags.profile().isPresent());
    return new Settings(
        name,
        flags
            .bucket()
            .or(() -> variable(environment, "S3DOCK_BUCKET"))
            .or(() -> profile.get(ConfigKeys.BUCKET)),
        flags
            .region()
            .or(() -> variable(environment, "AWS_REGION"))
            .or(() -> profile.get(ConfigKeys.REGION))
            .or(() -> variable(environment, "AWS_DEFAULT_REGION"))
            .map(Settings::region),
        flags
            .endpoint()
            .or(() -> variable(environment, "AWS_ENDPOINT_URL_S3"))
            .or(() -> variable(environment, "AWS_ENDPOINT_URL"))
            .or(() -> profile.get(ConfigKeys.ENDPOINT))
            .map(Settings::endpoint),
        profile.get(ConfigKeys.ADDRESSING),
        credentials(environment, name, profile),
        profile.get(ConfigKeys.CONDITIONAL_WRITES).equals(Optional.of("off")),
        file.get(ConfigKeys.TIMEOUT),
        file.get(ConfigKeys.COMPRESSION),
        file.find(ConfigKeys.THREADS),
        file.get(ConfigKeys.CACHE),
        file.find(ConfigKeys.CHUNK_FOLDER),
        file.get(ConfigKeys.CHUNK_BYTES),
        file.get(ConfigKeys.RETRIES),
        flags.logLevel().orElseGet(() -> file.get(ConfigKeys.LOG_LEVEL)),
        general(file, name, flags));
  }

  /**
   * The settings of a profile: what it says is not overridden by the environment, which is meant
   * for one bucket.
   *
   * @throws ConfigException as {@link #resolve}
   */
  public static Settings ofProfile(ConfigFile file, String name, Map<String, String> environment) {
    Profile profile = profile(file, name, true);
    Map<String, String> others = new HashMap<>(environment);
    List.of("S3DOCK_BUCKET", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3").forEach(others::remove);
    profile.get(ConfigKeys.REGION).ifPresent(region -> others.remove("AWS_REGION"));
    if (profile.get(ConfigKeys.ACCESS_KEY).isPresent()) {
      List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
          .forEach(others::remove);
    }
    Flags flags =
        new Flags(
            Optional.of(name),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return resolve(file, flags, others);
  }

  private static Map<Key<?>, String> general(ConfigFile file, String profile, Flags flags) {
    Map<Key<?>, String> general = new LinkedHashMap<>();
    for (Key<?> key : ConfigKeys.GENERAL.all()) {
      general.put(key, file.values().getOrDefault(key.name(), key.standard().orElse("")));
    }
    general.put(ConfigKeys.DEFAULT_PROFILE, profile);
    flags.logLevel().ifPresent(level -> general.put(ConfigKeys.LOG_LEVEL, level.toString()));
    return general;
  }

  private static Profile profile(ConfigFile file, String name, boolean asked) {
    Profile profile = file.profiles().get(name);
    if (profile != null) {
      return profile;
    }
    if (!asked && ConfigKeys.DEFAULT_PROFILE.standard().equals(Optional.of(name))) {
      return new Profile(Map.of());
    }
    throw new ConfigException(
        "no profile '%s' in %s"
            .formatted(name, file.path().map(p -> p.toString()).orElse("the configuration")),
        name,
        List.copyOf(file.profiles().keySet()),
        true);
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  private static String region(String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      throw new ConfigException(
          "the region '%s' is none: name one such as eu-central-1".formatted(Printable.of(text)));
    }
    return text;
  }

  private static URI endpoint(String text) {
    URI uri;
    try {
      uri = URI.create(text.contains("://") ? text : "https://" + text);
    } catch (IllegalArgumentException e) {
      throw noUrl(text);
    }
    if (uri.getHost() == null || !String.valueOf(uri.getScheme()).matches("https?")) {
      throw noUrl(text);
    }
    if (uri.getRawUserInfo() != null) {
      throw new ConfigException(
          "the endpoint %s contains a user name: set the credentials in access_key and secret_key, or in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
              .formatted(Printable.address(text)));
    }
    return uri;
  }

  private static ConfigException noUrl(String text) {
    return new ConfigException(
        "the endpoint '" + Printable.address(text) + "' is not a URL; use https://host:port");
  }

  private static Optional<Credentials> credentials(
      Map<String, String> environment, String name, Profile profile) {
    Optional<String> fromEnvironment = variable(environment, "AWS_ACCESS_KEY_ID");
    if (fromEnvironment.isPresent()) {
      String secret =
          variable(environment, "AWS_SECRET_ACCESS_KEY")
              .orElseThrow(
                  () ->
                      new ConfigException(
                          "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not; set both or none"));
      return Optional.of(
          new Credentials(
              fromEnvironment.get(), secret, variable(environment, "AWS_SESSION_TOKEN")));
    }
    if (profile.get(ConfigKeys.ACCESS_KEY).isPresent()
        != profile.get(ConfigKeys.SECRET_KEY).isPresent()) {
      throw new ConfigException(
          "profile '%s' needs both access_key and secret_key, or neither".formatted(name));
    }
    return profile
        .get(ConfigKeys.ACCESS_KEY)
        .map(
            key ->
                new Credentials(
                    key,
                    profile.get(ConfigKeys.SECRET_KEY).orElseThrow(),
                    profile.get(ConfigKeys.SESSION_TOKEN)));
  }
}
