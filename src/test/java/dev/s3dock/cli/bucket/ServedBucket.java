package dev.s3dock.cli.bucket;

import dev.s3dock.cli.User;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.TestCertificate;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/**
 * A bucket with a small image as the apps {@code gzip} and {@code zstd}, each in an archive of that
 * compression, and as {@code both} for two platforms. Two servers are in front of it: one for
 * everybody, and one with TLS that wants a password.
 */
final class ServedBucket implements AutoCloseable {
  static final String STAMP = "20250721-2118-f7a5a27";
  static final String VERSION = "v1.0.0";
  static final String ENVIRONMENT = "production";

  /** Who may log in at {@link #secured}, with {@link PlantedSecrets#PASSWORD}. */
  static final String LOGIN = "anna";

  /** The app whose tags lead to an index; the page for linux/arm64 is that of "arm64". */
  static final String BOTH = "both";

  /** A file of the image, and its whole text is {@link #page}. */
  static final String PAGE = "www/index.html";

  private final Path folder;
  private final User user;
  private final TestCertificate certificate;
  private final ServeProcess open;
  private final ServeProcess secured;

  private ServedBucket(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    this.user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    publish("gzip", "gzip", "linux/amd64", page("gzip"));
    publish("zstd", "zstd", "linux/amd64", page("zstd"));
    publish(BOTH, "gzip", "linux/amd64", page(BOTH));
    publish(BOTH, "gzip", "linux/arm64", page("arm64"));
    for (String app : new String[] {"gzip", "zstd", BOTH}) {
      user.s3dock("tag", app + ":" + STAMP, VERSION).ok();
      user.s3dock("promote", app + ":" + STAMP, ENVIRONMENT).ok();
    }
    this.certificate = TestCertificate.make(folder, "server");
    String hash =
        OpenBSDBCrypt.generate("2y", PlantedSecrets.PASSWORD.toCharArray(), new byte[16], 6);
    Path users = Files.writeString(folder.resolve("users"), LOGIN + ":" + hash + "\n");
    this.open = ServeProcess.start(user, 128, folder);
    this.secured =
        ServeProcess.start(
            user,
            128,
            folder,
            "--tls-cert",
            certificate.certificate().toString(),
            "--tls-key",
            certificate.key().toString(),
            "--auth-file",
            users.toString());
  }

  static ServedBucket start(Path folder) throws IOException, InterruptedException {
    return new ServedBucket(folder);
  }

  private void publish(String app, String compression, String platform, String page)
      throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{ docker: { compression: \"%s\" } }".formatted(compression));
    byte[] base = Noise.of(1, 300_000);
    ImageSpec image =
        ImageSpec.small().withFile("base", base).withFile(PAGE, page).withPlatform(platform);
    String reference = app + ":" + STAMP;
    Path saved = TestImages.dockerSave(folder.resolve("saved.tar"), image, reference);
    user.s3dock("push", reference, "--from", saved.toString()).ok();
  }

  /** What stands in {@link #PAGE} of an app. */
  static String page(String app) {
    return "a page in a layer of " + app;
  }

  User user() {
    return user;
  }

  /** The server for everybody, on 127.0.0.1 without TLS. */
  ServeProcess open() {
    return open;
  }

  /** The one that wants a password. */
  ServeProcess secured() {
    return secured;
  }

  /** The authority of {@link #secured}, in PEM form. */
  Path authority() {
    return certificate.certificate();
  }

  /** What {@code current --digest} says of an app: {@code @sha256:…}. */
  String digest(String app) {
    return user.s3dock("current", app, ENVIRONMENT, "--digest").ok().line().replace(app + "@", "@");
  }

  /** Fails if a server has cut a client off, or failed. */
  void requireNoFailure() throws IOException {
    for (ServeProcess server : new ServeProcess[] {open, secured}) {
      String output = server.output();
      if (output.contains(" cut") || output.contains("\" 50") || output.contains("Exception")) {
        throw new AssertionError(output);
      }
    }
  }

  @Override
  public void close() {
    open.close();
    secured.close();
  }
}
