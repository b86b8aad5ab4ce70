package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.Manual;
import dev.s3dock.testing.RegistryPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kubectl understands what {@code docs/kubernetes.md} tells to give it. No cluster is needed. */
@Tag("engine")
class KubernetesPageTest {
  private static final String PAGE = "kubernetes.md";
  private static final String IMAGE = "127.0.0.1:5000/myapp@sha256:" + "ab".repeat(32);
  private static final Pattern FIELD = Pattern.compile("(?m)^[ -]*(\\w+):");

  @TempDir Path folder;
  private RegistryPrograms programs;

  @BeforeEach
  void home() {
    programs = new RegistryPrograms(folder);
  }

  /** kubectl leaves out what it does not know, so that all fields are there if it knows them. */
  private void isUnderstood(String manifest, String container) {
    String file = programs.write("manifest.yaml", manifest).toString();
    String printed =
        programs
            .run(
                "forky",
                "kubectl",
                "set",
                "image",
                "--local",
                "--output=yaml",
                "--filename=" + file,
                container + "=" + IMAGE)
            .ok();
    assertThat(printed).contains("image: " + IMAGE);
    List<String> fields = fields(manifest);
    assertThat(fields(printed)).containsAll(fields);
  }

  private static List<String> fields(String manifest) {
    return FIELD.matcher(manifest).results().map(field -> field.group(1)).distinct().toList();
  }

  @Test
  void the_manifests_have_fields_that_kubectl_knows() {
    String app = Manual.block(PAGE, "yaml", "kind: Deployment");
    isUnderstood(app, "myapp");
    isUnderstood(app + Manual.block(PAGE, "yaml", "imagePullSecrets"), "myapp");
    isUnderstood(Manual.block(PAGE, "yaml", "kind: DaemonSet"), "s3dock");
    assertThat(Manual.blocks(PAGE, "yaml")).as("all of them").hasSize(3);
  }

  @Test
  void the_program_of_a_target_reads_what_it_has_patched() throws Exception {
    Path manifest =
        Files.writeString(
            folder.resolve("app.yaml"), Manual.block(PAGE, "yaml", "kind: Deployment"));
    String recipe =
        Manual.block("targets.md", "sh", "kubectl")
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("template=") || line.startsWith("patch="))
            .collect(Collectors.joining("\n"));
    String start =
        String.join(
            " ",
            recipe + "\n" + Path.of("scripts/client").toAbsolutePath(),
            "kubectl patch --local --output=go-template=\"$template\"",
            "--filename=" + manifest,
            "-p ");
    assertThat(bash(start + "'{}'")).endsWith(" -");
    assertThat(bash(start + "\"$(printf \"$patch\" mark-1 myapp " + IMAGE + ")\""))
        .isEqualTo(IMAGE + " mark-1");
  }

  private String bash(String script) throws Exception {
    Path output = folder.resolve("bash.txt");
    Process process =
        new ProcessBuilder("bash", "-c", script)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    return Files.readString(output).strip();
  }

  @Test
  void the_secrets_are_made() throws Exception {
    for (String command : List.of("create secret docker-registry", "create secret generic")) {
      String line = Manual.block(PAGE, "sh", command).strip();
      Path output = folder.resolve("secret.txt");
      ProcessBuilder builder =
          new ProcessBuilder(
              "bash",
              "-c",
              "kubectl() { %s kubectl \"$@\" --dry-run=client --output=yaml; }; %s"
                  .formatted(Path.of("scripts/client").toAbsolutePath(), line));
      builder.environment().put("PASSWORD", "not-secret");
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
      assertThat(output).content().contains("kind: Secret");
    }
  }
}
