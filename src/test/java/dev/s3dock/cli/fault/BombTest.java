package dev.s3dock.cli.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.s3dock.cli.User;
import dev.s3dock.testing.TestTar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Few bytes that decode to many: pushed from a file, and lying in the bucket. */
class BombTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String STEM = "images/my-app/202507/my-app-20250721-2118-f7a5a27";
  private static final byte[] ZEROS = new byte[4 << 20];

  /** Of 4 MiB each: 16 GiB. */
  private static final int PIECES = 4_000;

  @TempDir Path folder;

  /** One layer, which is a gzip file of 16 GiB, in a gzip file. */
  private byte[] gzipInGzip() throws IOException {
    return gzip(tarWithLayer(repeated(gzip(ZEROS))));
  }

  private byte[] zstd() {
    return tarWithLayer(repeated(Zstd.compress(ZEROS, 3)));
  }

  private static byte[] tarWithLayer(byte[] layer) {
    return new TestTar()
        .file("layer.tar", layer)
        .file("config.json", "{}".getBytes(UTF_8))
        .file(
            "manifest.json",
            "[{\"Config\":\"config.json\",\"RepoTags\":[],\"Layers\":[\"layer.tar\"]}]"
                .getBytes(UTF_8))
        .end();
  }

  private static byte[] repeated(byte[] piece) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < PIECES; i++) {
      all.writeBytes(piece);
    }
    return all.toByteArray();
  }

  private static byte[] gzip(byte[] raw) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(raw);
    }
    return out.toByteArray();
  }

  @Test
  void a_bomb_is_not_pushed() throws Exception {
    Path bomb = Files.write(folder.resolve("bomb.tar"), zstd());
    User user = user();
    String said = failure(user, "push", REF, "--from", bomb.toString());
    assertThat(said).contains("decompresses to more than").doesNotContain("\tat ");
    assertThat(folder.resolve("store/images")).doesNotExist();
    assertThat(user.temporary()).isEmptyDirectory();
  }

  @Test
  void a_bomb_in_the_bucket_is_not_pulled() throws Exception {
    byte[] archive = gzipInGzip();
    Path place = folder.resolve("store").resolve(STEM + ".tar.gz");
    Files.createDirectories(place.resolveSibling(""));
    Files.write(place, archive);
    String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(archive));
    Files.writeString(
        folder.resolve("store").resolve(STEM + ".json"),
        "{\"checksum\": \"%s\", \"size\": %d}".formatted(md5, archive.length));
    User user = user();
    String said =
        failure(
            user, "pull", "my-app", "20250721-2118-f7a5a27", "--to", folder.resolve("out") + "/");
    assertThat(said).contains("decompresses to more than").doesNotContain("\tat ");
    assertThat(user.temporary()).isEmptyDirectory();
  }

  private User user() {
    return new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
  }

  /** In 256 MiB of heap. */
  private String failure(User user, String... args) throws Exception {
    Path output = folder.resolve("output");
    Process process = user.start(256, output, args);
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(5);
    return Files.readString(output);
  }
}
