package dev.s3dock.testing.store;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A bucket of any size that takes no room: keys and documents are computed when they are asked for.
 * It spans two years up to a given time. The app {@code big} has a tenth of all images and events,
 * the others share the rest evenly. A fiftieth of the events are promotions to production, four
 * fiftieths to staging, and the others pushes; each app has a version for every tenth image. {@link
 * #FROZEN} has an environment more, to which something was promoted once, two years ago.
 */
public final class GeneratedBucket {
  /** The app with a tenth of everything. */
  public static final String BIG = "big";

  /** The app with an environment that nobody has promoted to for two years. */
  public static final String FROZEN = "app-0001";

  /** What a listing says of every document: nobody looks. */
  private static final int DOCUMENT_BYTES = 512;

  private static final Duration SPAN = Duration.ofDays(730);
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmm").withZone(ZoneOffset.UTC);
  private static final int STAGING_EVERY = 10;
  private static final int PRODUCTION_EVERY = 50;
  private static final int VERSION_EVERY = 10;
  private static final int FOLDERS_KEPT = 12;
  private static final List<String> ROOTS =
      List.of("audit/", "deployments/", "images/", "pointers/", "tags/");

  private final List<String> apps;
  private final int images;
  private final int events;
  private final Instant now;
  private final Map<String, NavigableMap<String, Item>> folders =
      new LinkedHashMap<>(FOLDERS_KEPT, 1, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, NavigableMap<String, Item>> eldest) {
          return size() > FOLDERS_KEPT;
        }
      };

  /**
   * Describes a bucket.
   *
   * @param apps how many, 2 or more
   * @param images of all apps
   * @param events of all apps
   * @param now when the last of them was written
   */
  public GeneratedBucket(int apps, int images, int events, Instant now) {
    TreeSet<String> names = new TreeSet<>(List.of(BIG));
    IntStream.range(1, apps).mapToObj("app-%04d"::formatted).forEach(names::add);
    this.apps = List.copyOf(names);
    this.images = images;
    this.events = events;
    this.now = now.truncatedTo(ChronoUnit.MINUTES);
  }

  /**
   * An object.
   *
   * @param etag without quotes; of an archive the MD5 that its metadata tell
   * @param text its content; of an archive nothing, since there is no content
   */
  public record Item(String key, long size, Instant modified, String etag, Supplier<String> text) {}

  /** The names of the apps, in order. */
  public List<String> apps() {
    return apps;
  }

  /** How many images this app has. */
  public int imagesOf(String app) {
    return share(app, images);
  }

  private int share(String app, int all) {
    return app.equals(BIG) ? all / 10 : (all - all / 10) / (apps.size() - 1);
  }

  /** The object at this key. */
  public Optional<Item> find(String key) {
    return objects(key, "").filter(entry -> entry.key().equals(key)).findFirst();
  }

  /** Objects whose key starts with the prefix and comes after another key, in order, lazily. */
  public Stream<Item> objects(String prefix, String after) {
    return ROOTS.stream()
        .filter(root -> overlap(root, prefix))
        .flatMap(root -> apps.stream().map(app -> root + app + "/"))
        .filter(folder -> overlap(folder, prefix))
        .filter(folder -> after.isEmpty() || (folder + "~").compareTo(after) > 0)
        .flatMap(
            folder -> {
              String from = after.compareTo(prefix) > 0 ? after : prefix;
              return folder(folder).tailMap(from, !from.equals(after)).values().stream();
            })
        .takeWhile(entry -> entry.key().startsWith(prefix));
  }

  /** The names directly below a prefix that have objects below them, in order. */
  public Stream<String> folders(String prefix) {
    if (ROOTS.contains(prefix)) {
      return apps.stream();
    }
    return objects(prefix, "")
        .map(entry -> entry.key().substring(prefix.length()))
        .filter(rest -> rest.contains("/"))
        .map(rest -> rest.substring(0, rest.indexOf('/')))
        .distinct();
  }

  private static boolean overlap(String one, String other) {
    return one.startsWith(other) || other.startsWith(one);
  }

  private synchronized NavigableMap<String, Item> folder(String folder) {
    return folders.computeIfAbsent(folder, this::make);
  }

  private NavigableMap<String, Item> make(String folder) {
    String[] names = folder.split("/", -1);
    String app = names[1];
    List<Item> entries = new ArrayList<>();
    switch (names[0]) {
      case "images" -> IntStream.range(0, imagesOf(app)).forEach(i -> addImage(app, i, entries));
      case "audit" ->
          IntStream.range(0, share(app, events)).forEach(i -> entries.add(event(app, i)));
      case "tags" -> IntStream.range(0, versionsOf(app)).forEach(i -> entries.add(version(app, i)));
      case "pointers" -> addPointers(app, entries);
      case "deployments" -> addReports(app, entries);
      default -> throw new IllegalArgumentException(folder);
    }
    NavigableMap<String, Item> sorted = new TreeMap<>();
    entries.forEach(entry -> sorted.put(entry.key(), entry));
    return sorted;
  }

  /** What looks like one. */
  private static String md5(long of) {
    return "%032x".formatted(of);
  }

  private static Item document(String key, Instant modified, Supplier<String> text) {
    return new Item(key, DOCUMENT_BYTES, modified, md5(key.hashCode() & 0xffffffffL), text);
  }

  /** Of the newest image, 0, up to the oldest. */
  private Instant imageTime(String app, int image) {
    return now.minus(SPAN.dividedBy(imagesOf(app)).multipliedBy(image));
  }

  private String stamp(String app, int image) {
    return MINUTE.format(imageTime(app, image));
  }

  private static String hash(int image) {
    return "%07x".formatted(0x1000000 + image * 0x9e37L % 0xeffffff);
  }

  private String stem(String app, int image) {
    String stamp = stamp(app, image);
    return "images/%s/%s/%s-%s-%s".formatted(app, stamp.substring(0, 6), app, stamp, hash(image));
  }

  private String reference(String app, int image) {
    return "%s:%s-%s".formatted(app, stamp(app, image), hash(image));
  }

  private void addImage(String app, int image, List<Item> entries) {
    Instant at = imageTime(app, image);
    long size = 40_000_000L + image;
    entries.add(new Item(stem(app, image) + ".tar.gz", size, at, md5(image), () -> ""));
    entries.add(
        document(
            stem(app, image) + ".json",
            at,
            () ->
                """
                {"checksum": "%s", "size": %d, "created_at": "%s", "git_hash": "%s",
                 "git_time": "%s", "image_tag": "%s", "app_name": "%s"}
                """
                    .formatted(
                        md5(image),
                        size,
                        at,
                        hash(image),
                        stamp(app, image),
                        reference(app, image),
                        app)));
  }

  private int versionsOf(String app) {
    return Math.max(1, imagesOf(app) / VERSION_EVERY);
  }

  private static String versionName(int version) {
    return "v1.%d.0".formatted(version);
  }

  /** Version 0 is of the newest image. */
  private Item version(String app, int version) {
    int image = version * VERSION_EVERY;
    return document(
        "tags/%s/%s.json".formatted(app, versionName(version)),
        imageTime(app, image),
        () -> pointer(app, image, "image", stem(app, image) + ".tar.gz", ""));
  }

  private String pointer(String app, int image, String type, String target, String version) {
    return """
    {"target_type": "%s", "target_path": "%s", "promoted_at": "%s", "promoted_by": "ci",
     "git_hash": "%s", "git_time": "%s", "source_image": "%s"%s}
    """
        .formatted(
            type,
            target,
            imageTime(app, image),
            hash(image),
            stamp(app, image),
            reference(app, image),
            version.isEmpty() ? "" : ", \"source_tag\": \"" + version + "\"");
  }

  private void addPointers(String app, List<Item> entries) {
    entries.add(
        document(
            "pointers/%s/production.json".formatted(app),
            now,
            () ->
                pointer(
                    app,
                    0,
                    "tag",
                    "tags/%s/%s.json".formatted(app, versionName(0)),
                    versionName(0))));
    entries.add(
        document(
            "pointers/%s/staging.json".formatted(app),
            now,
            () -> pointer(app, 0, "image", stem(app, 0) + ".tar.gz", "")));
    if (app.equals(FROZEN)) {
      int oldest = imagesOf(app) - 1;
      entries.add(
          document(
              "pointers/%s/frozen.json".formatted(app),
              imageTime(app, oldest),
              () -> pointer(app, oldest, "image", stem(app, oldest) + ".tar.gz", "")));
    }
  }

  private void addReports(String app, List<Item> entries) {
    for (String host : List.of("web-1", "web-2")) {
      entries.add(
          document(
              "deployments/%s/production/%s.json".formatted(app, host),
              now,
              () ->
                  """
                  {"app_name": "%s", "environment": "production", "host": "%s",
                   "image_reference": "%s", "live_since": "%s"}
                  """
                      .formatted(app, host, reference(app, 0), now)));
    }
  }

  /** Of the newest event, 0, down to the oldest. */
  private Item event(String app, int event) {
    int all = share(app, events);
    Instant at = now.minus(SPAN.dividedBy(all).multipliedBy(event));
    int image = (int) ((long) event * imagesOf(app) / all);
    boolean frozen = app.equals(FROZEN) && event == all - 1;
    String environment = frozen ? "frozen" : environment(event);
    String type = environment.isEmpty() ? "push" : "promotion";
    String minute = MINUTE.format(at);
    return document(
        "audit/%s/%s/%s-%s-%s.json"
            .formatted(app, minute.substring(0, 6), minute, type, "%07x".formatted(event + 16)),
        at,
        () -> eventText(app, image, type, environment, at));
  }

  /** That it is a promotion to; empty for a push. */
  private static String environment(int event) {
    if (event % STAGING_EVERY != 3) {
      return "";
    }
    return event % PRODUCTION_EVERY == 3 ? "production" : "staging";
  }

  private String eventText(String app, int image, String type, String environment, Instant at) {
    int before = Math.min(image + 1, imagesOf(app) - 1);
    String details =
        environment.isEmpty()
            ? "\"image_reference\": \"%s\"".formatted(reference(app, image))
            : """
            "environment": "%s", "source": "%s", "source_type": "image", "previous_target": "%s"
            """
                .formatted(environment, reference(app, image), stem(app, before) + ".tar.gz");
    return """
    {"event_type": "%s", "timestamp": "%s", "user": "ci", "app_name": "%s", "git_hash": "%s",
     "git_time": "%s", "details": {%s}, "host": "build-1", "tool": "s3dock 1.0.0"}
    """
        .formatted(type, at, app, hash(image), stamp(app, image), details);
  }
}
