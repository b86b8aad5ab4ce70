package dev.s3dock.cli.deploy;

import dev.s3dock.cli.User;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.AppName;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.WebImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A machine that apps are deployed to: a user, an engine, and a bucket with versions of the app of
 * {@code examples/web} that the engine has to pull. Closing it takes away what the apps have left
 * in the engine, which may be shared.
 */
public final class WebHost implements AutoCloseable {
  private static final String APP_LABEL = "dev.s3dock.app";

  private final TestEngine engine;
  private final Path bucket;
  private final User user;
  private final Set<String> apps = new TreeSet<>();
  private int published;

  /** With a bucket of its own, a folder. */
  public WebHost(Path folder, TestEngine engine) {
    this(folder, engine, folder.resolve("bucket"));
  }

  private WebHost(Path folder, TestEngine engine, Path bucket) {
    this.engine = engine;
    this.bucket = bucket;
    this.user =
        new User(folder)
            .with(engine.environment())
            .with("S3DOCK_BUCKET", bucket.toUri().toString());
  }

  /** One more host of the same bucket. */
  public WebHost another(Path folder, TestEngine itsEngine) {
    return new WebHost(folder, itsEngine, bucket);
  }

  /** Types the commands. */
  public User user() {
    return user;
  }

  public TestEngine engine() {
    return engine;
  }

  public Containers containers() {
    return engine.engine().containers();
  }

  /** Writes the configuration that the user's commands find. */
  public WebHost configure(String json5) {
    try {
      Files.writeString(user.workingDirectory().resolve("s3dock.json5"), json5);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Publishes a version that behaves well, and tags it. */
  public String publish(String app, String version) {
    return publish(app, version, Map.of());
  }

  /**
   * Publishes a version, tags it, and lets the engine forget it.
   *
   * @param settings of the app, see {@code examples/web/README.md}
   * @return its reference
   */
  public String publish(String app, String version, Map<String, String> settings) {
    if (apps.add(app)) {
      StockedBucket.copy(engine, app, bucket);
    }
    published++;
    String reference = "%s:20250701-12%02d-%07x".formatted(app, published, published);
    Map<String, String> all = new TreeMap<>(settings);
    all.putIfAbsent("VERSION", version);
    if (user.variable("S3DOCK_BUCKET").equals(bucket.toUri().toString())) {
      StockedBucket.add(
          new StockedBucket.Published(engine, reference, version, all),
          bucket,
          () -> push(reference, version, all));
    } else {
      push(reference, version, all);
    }
    return reference;
  }

  private void push(String reference, String version, Map<String, String> settings) {
    WebImage.build(engine, reference, settings, "");
    user.s3dock("push", reference).ok();
    user.s3dock("tag", reference, version).ok();
    engine.engine().removeTag(reference);
  }

  /** Where the app of a running container answers, from this JVM: {@code http://…}. */
  public static String address(Container container) {
    return "http://"
        + container.addresses().values().stream().sorted().findFirst().orElseThrow()
        + ":"
        + WebImage.PORT;
  }

  @Override
  public void close() {
    for (String app : apps) {
      for (Container container : containers().list(Map.of(APP_LABEL, app))) {
        containers().remove(container.id());
      }
      for (EngineImage image : engine.engine().images(new AppName(app))) {
        image.references().forEach(engine.engine()::removeTag);
      }
    }
  }
}
