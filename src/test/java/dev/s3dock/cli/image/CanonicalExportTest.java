package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.cli.User;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** One image, exported by every engine in every form, is one archive that every tool reads. */
@Tag("engine")
@ResourceLock("docker20")
@ResourceLock("docker26")
@Order(2)
class CanonicalExportTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String STEM = "images/my-app/202507/my-app-20250721-2118-f7a5a27";

  @TempDir Path folder;

  @Test
  void the_engines_agree_and_every_tool_reads_the_archive() throws Exception {
    TestEngine old = Engines.docker20();
    TestEngine now = Engines.docker26();
    old.helloImage(folder.resolve("context"), REF, "canonical");

    Path fromOld = push("old", old);
    transfer(old, now);
    Path fromContainerd = push("containerd", now);
    transferCompressed(fromOld, now);
    Path fromCompressed = push("compressed", now);

    byte[] canonical = uncompressed(fromOld);
    assertThat(uncompressed(fromContainerd)).isEqualTo(canonical);
    assertThat(uncompressed(fromCompressed)).isEqualTo(canonical);

    assertThat(output("tar", "tzf", fromOld.toString())).contains("oci-layout", "manifest.json");
    for (TestEngine engine : List.of(old, now)) {
      engine.docker("rmi", "-f", REF);
      engine.docker("load", "-i", fromOld.toString());
      assertThat(engine.docker("images", "-q", REF)).isNotEmpty();
    }
    // skopeo 1.9 takes a docker-archive only uncompressed, whoever has made it
    Path tar = Files.write(folder.resolve("canonical.tar"), canonical);
    assertThat(output(Engines.skopeo().toString(), "inspect", "docker-archive:" + tar))
        .contains("amd64");
    assertThat(output(Engines.skopeo().toString(), "inspect", "oci-archive:" + fromOld))
        .contains("amd64");
    assertLayersAreGzipOfTheirDiffId(fromOld);
  }

  private void transfer(TestEngine from, TestEngine to) {
    forget(to);
    String saved = folder.resolve("saved.tar").toString();
    from.docker("save", "-o", saved, REF);
    to.docker("load", "-i", saved);
  }

  /** The same with compressed layers, which a containerd store keeps as they are. */
  private void transferCompressed(Path plain, TestEngine to) throws IOException {
    forget(to);
    String archive = folder.resolve("compressed.tar").toString();
    output(
        Engines.skopeo().toString(),
        "--insecure-policy",
        "copy",
        "oci-archive:" + plain,
        "oci-archive:" + archive + ":docker.io/library/" + REF);
    String loaded = to.docker("load", "-i", archive);
    to.docker("tag", loaded.substring(loaded.indexOf(": ") + 2).strip(), REF);
    assertThat(gzipBlobs(to)).as("layers stay compressed in this store").isEqualTo(2);
  }

  private long gzipBlobs(TestEngine engine) throws IOException {
    Path export = folder.resolve("export.tar");
    engine.docker("save", "-o", export.toString(), REF);
    long count = 0;
    try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(export))) {
      while (tar.getNextEntry() != null) {
        if (tar.read() == 0x1f && tar.read() == 0x8b) {
          count++;
        }
      }
    }
    return count;
  }

  private static void forget(TestEngine engine) {
    engine
        .docker("images", "-q", "--no-trunc")
        .lines()
        .distinct()
        .forEach(image -> engine.docker("rmi", "-f", image));
  }

  private Path push(String name, TestEngine engine) {
    Path store = folder.resolve("store-" + name);
    new User(folder.resolve(name))
        .with("S3DOCK_BUCKET", store.toUri().toString())
        .with(engine.environment())
        .s3dock("push", REF)
        .ok();
    return store.resolve(STEM + ".tar.gz");
  }

  private static byte[] uncompressed(Path archive) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      return in.readAllBytes();
    }
  }

  private static void assertLayersAreGzipOfTheirDiffId(Path archive) throws IOException {
    byte[] bytes = Files.readAllBytes(archive);
    JsonNode layers =
        new ObjectMapper()
            .readTree(Path.of(archive.toString().replace(".tar.gz", ".json")).toFile())
            .at("/archive/layers");
    List<String> checked = new ArrayList<>();
    for (JsonNode layer : layers) {
      JsonNode chunks = layer.path("members");
      int start = chunks.get(0).get(0).intValue();
      JsonNode last = chunks.get(chunks.size() - 1);
      int end = last.get(0).intValue() + last.get(1).intValue();
      try (InputStream in =
          new GZIPInputStream(new ByteArrayInputStream(bytes, start, end - start))) {
        assertThat(Digest.of(in.readAllBytes())).hasToString(layer.path("diff_id").textValue());
      }
      checked.add(layer.path("diff_id").textValue());
    }
    assertThat(checked).hasSize(2);
  }

  private static String output(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
