package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Platform;
import dev.s3dock.image.Version;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Builds and parses every key of a bucket; no other code does. The layout is in {@code
 * docs/bucket-layout.md}.
 */
public final class BucketLayout {
  /** What the keys of all images start with. */
  public static final String IMAGES = "images/";

  /** What the keys of all versions start with. */
  public static final String TAGS = "tags/";

  /** What the keys of all environments start with. */
  public static final String POINTERS = "pointers/";

  /** What the keys of all events start with. */
  public static final String AUDIT = "audit/";

  /** What the keys of all that was set aside start with. */
  public static final String SET_ASIDE = "archive/";

  /** What the keys of all reports of hosts start with. */
  public static final String DEPLOYMENTS = "deployments/";

  /** What the keys of all temporary objects start with. */
  public static final String TEMPORARY = "temporary/";

  /** What the keys of the journals of all cleanups start with. */
  public static final String JOURNALS = "cleanup/";

  /** What the keys of all that leads from a served manifest start with. */
  public static final String MANIFESTS = "manifests/";

  /** What the keys of all hints to layers start with. */
  public static final String LAYERS = "layers/";

  /** What the keys of all marks of rollouts start with. */
  public static final String ROLLOUTS = "rollouts/";

  static final String JSON_SUFFIX = ".json";
  static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmm")
          .withZone(ZoneOffset.UTC)
          .withResolverStyle(ResolverStyle.STRICT);
  private static final DateTimeFormatter MONTH =
      DateTimeFormatter.ofPattern("uuuuMM").withZone(ZoneOffset.UTC);

  /** What folders of images, of events and of what was set aside are called. */
  private static final String MONTH_FOLDER = "\\d{6}";

  /** Bounded, so that a key leaves room for the names that are made out of it. */
  private static final Pattern IMAGE =
      Pattern.compile(
          "images/([^/]+)/("
              + MONTH_FOLDER
              + ")/(.+)-(\\d{8}-\\d{4}-[0-9a-f]{5,64})(?:\\.([a-z0-9._]{1,100}-[a-z0-9._-]{1,100}))?(\\.tar\\.gz|\\.tar\\.zst|\\.json)");

  private static final Pattern EVENT =
      Pattern.compile(
          "audit/([^/]+)/"
              + MONTH_FOLDER
              + "/(\\d{8}-\\d{4})-([a-z]+)-([0-9a-f]+)(?:-(\\d{1,9}))?\\.json");
  private static final Pattern ASIDE =
      Pattern.compile(
          "archive/([^/]+)/"
              + MONTH_FOLDER
              + "/(.+)-(\\d{8}-\\d{4}-[0-9a-f]{5,64})(?:\\.[a-z0-9._-]+)?-archived-on-.+?(\\.json|\\.tar\\.gz|\\.tar\\.zst)?");
  private static final Pattern DEPLOYMENT =
      Pattern.compile("deployments/([^/]+)/([^/]+)/([^/]+)\\.json");
  private static final Pattern MANIFEST =
      Pattern.compile("manifests/([^/]+)/([0-9a-f]{64})\\.json");
  private static final Pattern MARK =
      Pattern.compile(
          "rollouts/([^/]+)/([^/]+)/([0-9a-f]{16})/(?:(begun)/([^/]+)|ended/([^/]+)\\.(healthy|failed))\\.json");
  private static final Pattern NAMED = Pattern.compile("(tags|pointers)/([^/]+)/([^/]+)\\.json");

  private BucketLayout() {}

  /** Where the archive of this commit is filed. */
  public static ImageKey image(ImageReference reference) {
    return image(reference, reference.stamp().yearMonth());
  }

  /** The same, filed under another month. */
  static ImageKey image(ImageReference reference, String month) {
    return new ImageKey(reference, month, Optional.empty());
  }

  /** Where the archive of a further platform is filed: beside the first one. */
  public static ImageKey furtherPlatform(ImageKey first, Platform platform) {
    return new ImageKey(first.reference(), first.month(), Optional.of(platform.suffix()));
  }

  /** What the key of an archive or of a metadata says; empty if it is neither. */
  public static Optional<ImageKey> parseImage(ObjectKey key) {
    Matcher matcher = IMAGE.matcher(key.value());
    if (!matcher.matches() || !matcher.group(1).equals(matcher.group(3))) {
      return Optional.empty();
    }
    try {
      return ImageReference.ofTag(new AppName(matcher.group(1)), matcher.group(4))
          .map(
              reference ->
                  new ImageKey(reference, matcher.group(2), Optional.ofNullable(matcher.group(5))));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** The image whose metadata this is. */
  public static Optional<ImageKey> parseMetadata(ObjectKey key) {
    return isMetadata(key) ? parseImage(key) : Optional.empty();
  }

  public static boolean isMetadata(ObjectKey key) {
    return key.value().endsWith(JSON_SUFFIX);
  }

  /** The object of a version. */
  public static ObjectKey tag(AppName app, Version version) {
    return new ObjectKey(tagFolder(app) + version + JSON_SUFFIX);
  }

  /** The version whose object this is. */
  public static Optional<Version> parseTag(ObjectKey key) {
    return parseNamed(key, "tags", Version::new);
  }

  /** The object of an environment. */
  public static ObjectKey pointer(AppName app, Environment environment) {
    return new ObjectKey(pointerFolder(app) + environment + JSON_SUFFIX);
  }

  /** The environment whose object this is. */
  public static Optional<Environment> parsePointer(ObjectKey key) {
    return parseNamed(key, "pointers", Environment::new);
  }

  private static <T> Optional<T> parseNamed(
      ObjectKey key, String folder, Function<String, T> parse) {
    Matcher matcher = NAMED.matcher(key.value());
    if (!matcher.matches() || !matcher.group(1).equals(folder)) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse.apply(matcher.group(3)));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** An audit event; {@code attempt} counts from 1 on a clash of names. */
  public static ObjectKey audit(AppName app, Instant at, String event, String hash, int attempt) {
    return new ObjectKey(
        "audit/%s/%s/%s-%s-%s%s.json"
            .formatted(app, MONTH.format(at), MINUTE.format(at), event, hash, ordinal(attempt)));
  }

  /** The event whose object this is. */
  public static Optional<EventKey> parseEvent(ObjectKey key) {
    Matcher matcher = EVENT.matcher(key.value());
    return matcher.matches() && isMinute(matcher.group(2))
        ? Optional.of(
            new EventKey(
                key,
                matcher.group(2),
                matcher.group(3),
                matcher.group(4),
                matcher.group(5) == null ? 1 : Integer.parseInt(matcher.group(5))))
        : Optional.empty();
  }

  private static boolean isMinute(String text) {
    try {
      MINUTE.parse(text);
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  /** What the keys of an app's events start with; its folders are months, {@code YYYYMM}. */
  public static String auditFolder(AppName app) {
    return AUDIT + app + "/";
  }

  /** What the keys of the events of one month start with. */
  public static String auditFolder(AppName app, YearMonth month) {
    return auditFolder(app) + MONTH.format(month) + "/";
  }

  /** True if a folder of images can be called so: {@code YYYYMM}. */
  public static boolean isMonth(String folder) {
    return folder.matches(MONTH_FOLDER);
  }

  /** The month that a folder of events is for. */
  public static Optional<YearMonth> parseMonth(String folder) {
    try {
      return Optional.of(YearMonth.parse(folder, MONTH));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * What a host reports of an environment.
   *
   * @param host its name; what a key cannot hold is written as {@code _}
   */
  public static ObjectKey deployment(AppName app, Environment environment, String host) {
    return new ObjectKey(deploymentFolder(app, environment) + named(host));
  }

  private static String named(String host) {
    return hostName(host) + JSON_SUFFIX;
  }

  /** A host's name as keys have it: what a key cannot hold is written as {@code _}. */
  public static String hostName(String host) {
    return host.replaceAll("[^A-Za-z0-9._-]|^\\.+", "_");
  }

  /** The host whose report this is, by its name in keys; empty if this is none. */
  public static Optional<String> parseDeployment(ObjectKey key) {
    Matcher matcher = DEPLOYMENT.matcher(key.value());
    return matcher.matches() ? Optional.of(matcher.group(3)) : Optional.empty();
  }

  /**
   * What a mark says: this host has got so far with that target.
   *
   * @param environment its name; not necessarily a valid one
   * @param target 16 hex digits, which no other target of the environment has
   * @param host its name in keys
   * @param word {@code begun}, {@code healthy} or {@code failed}
   */
  public record MarkKey(String environment, String target, String host, String word) {}

  /** That a host has begun with a target. */
  public static ObjectKey begun(AppName app, Environment environment, String target, String host) {
    return new ObjectKey(markFolder(app, environment, target) + "begun/" + named(host));
  }

  /**
   * That a host has done with a target.
   *
   * @param word {@code healthy} or {@code failed}
   */
  public static ObjectKey ended(
      AppName app, Environment environment, String target, String host, String word) {
    return new ObjectKey(
        endedFolder(app, environment, target) + hostName(host) + "." + word + JSON_SUFFIX);
  }

  /** What a mark says; empty if this is none. */
  public static Optional<MarkKey> parseMark(ObjectKey key) {
    Matcher matcher = MARK.matcher(key.value());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        matcher.group(4) == null
            ? new MarkKey(matcher.group(2), matcher.group(3), matcher.group(6), matcher.group(7))
            : new MarkKey(matcher.group(2), matcher.group(3), matcher.group(5), matcher.group(4)));
  }

  /** What the keys of all marks of a target start with. */
  public static String markFolder(AppName app, Environment environment, String target) {
    return markFolder(app, environment) + target + "/";
  }

  /** What the keys of all marks of an environment start with; its folders are targets. */
  public static String markFolder(AppName app, Environment environment) {
    return markFolder(app) + environment + "/";
  }

  /** What the keys of all marks of an app start with; its folders are environments. */
  public static String markFolder(AppName app) {
    return ROLLOUTS + app + "/";
  }

  /** What the keys of the marks of all hosts that have done with a target start with. */
  public static String endedFolder(AppName app, Environment environment, String target) {
    return markFolder(app, environment, target) + "ended/";
  }

  /** The marks by which a host begins, in all rollouts; each {@code *} is a name. */
  public static String begunOf(String host) {
    return ROLLOUTS + "*/*/*/begun/" + named(host);
  }

  /** The marks by which a host ends, in all rollouts; each {@code *} is a name. */
  public static String endedOf(String host) {
    return ROLLOUTS + "*/*/*/ended/" + hostName(host) + ".*" + JSON_SUFFIX;
  }

  /** The reports of a host on all apps and environments; each {@code *} is a name. */
  public static String deploymentsOf(String host) {
    return DEPLOYMENTS + "*/*/" + named(host);
  }

  public static String deploymentFolder(AppName app, Environment environment) {
    return deploymentFolder(app) + environment + "/";
  }

  /** What the keys of all reports on an app start with; its folders are environments. */
  public static String deploymentFolder(AppName app) {
    return DEPLOYMENTS + app + "/";
  }

  /** True if this is what a host reports. */
  public static boolean isDeployment(ObjectKey key) {
    return DEPLOYMENT.matcher(key.value()).matches();
  }

  /**
   * An object that a push needs for a moment only.
   *
   * @param push a name that no other push has
   */
  public static ObjectKey temporary(AppName app, String push, int number) {
    return new ObjectKey(temporaryFolder(app) + push + "-" + number);
  }

  /**
   * A key that nothing is ever stored under, to find out whether such keys may be used.
   *
   * @param folder one of {@link #IMAGES} and its like
   * @param trial a name that no other trial has
   */
  public static ObjectKey trial(String folder, String trial) {
    return new ObjectKey(folder + "doctor/trials/" + trial + JSON_SUFFIX);
  }

  /** What the keys of an app's temporary objects start with. */
  public static String temporaryFolder(AppName app) {
    return TEMPORARY + app + "/";
  }

  /**
   * What a cleanup is about to remove, written down before it begins.
   *
   * @param removal a name that no other one has
   */
  public static ObjectKey journal(AppName app, String removal) {
    return new ObjectKey(journalFolder(app) + removal + JSON_SUFFIX);
  }

  /** What the keys of the journals of an app's cleanups start with. */
  public static String journalFolder(AppName app) {
    return JOURNALS + app + "/";
  }

  /** What the keys of all that was set aside of an app start with. */
  public static String setAsideFolder(AppName app) {
    return SET_ASIDE + app + "/";
  }

  /**
   * What the key of an archive or a metadata that was set aside says.
   *
   * @param stem what the keys of the two start with
   */
  public record SetAside(ImageReference reference, String stem) {}

  /** What was set aside at this key. */
  public static Optional<SetAside> parseSetAside(ObjectKey key) {
    Matcher matcher = ASIDE.matcher(key.value());
    if (!matcher.matches() || !matcher.group(1).equals(matcher.group(2))) {
      return Optional.empty();
    }
    int end = matcher.group(4) == null ? matcher.end() : matcher.start(4);
    try {
      return ImageReference.ofTag(new AppName(matcher.group(1)), matcher.group(3))
          .map(reference -> new SetAside(reference, key.value().substring(0, end)));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** What leads from the digest of a served manifest to its images. */
  public static ObjectKey manifest(AppName app, Digest digest) {
    return new ObjectKey(manifestFolder(app) + digest.hex() + JSON_SUFFIX);
  }

  /** The digest that this leads from. */
  public static Optional<Digest> parseManifest(ObjectKey key) {
    Matcher matcher = MANIFEST.matcher(key.value());
    return matcher.matches() ? Optional.of(new Digest(matcher.group(2))) : Optional.empty();
  }

  /** What the keys of all that leads from served manifests of an app start with. */
  public static String manifestFolder(AppName app) {
    return MANIFESTS + app + "/";
  }

  /** The hint which archive holds a layer. */
  public static ObjectKey layer(Digest diffId) {
    return new ObjectKey(LAYERS + diffId.hex() + JSON_SUFFIX);
  }

  public static String imageFolder(AppName app) {
    return IMAGES + app + "/";
  }

  public static String imageFolder(AppName app, String month) {
    return imageFolder(app) + month + "/";
  }

  /** What the keys of all platforms of a commit in one month start with. */
  public static String variantPrefix(ImageReference reference, String month) {
    return imageFolder(reference.app(), month) + fileStem(reference) + ".";
  }

  public static String tagFolder(AppName app) {
    return TAGS + app + "/";
  }

  public static String pointerFolder(AppName app) {
    return POINTERS + app + "/";
  }

  static String fileStem(ImageReference reference) {
    return reference.app() + "-" + reference.tag();
  }

  static String ordinal(int attempt) {
    return attempt == 1 ? "" : "-" + attempt;
  }
}
