package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What may be built, and what an image says of its commit. */
@ResourceLock("docker20")
class BuildCommandTest {
  @TempDir Path folder;
  private Path repository;
  private User user;

  @BeforeEach
  void makeRepository() throws Exception {
    repository = Files.createDirectories(folder.resolve("repository"));
    write("Dockerfile", "FROM scratch\nCOPY app /\n");
    write("app/page.html", "hello");
    write(".gitignore", "*.log\n");
    write(".dockerignore", "notes/\n");
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "first");
    user = new User(folder).in(repository);
  }

  private void write(String name, String text) throws Exception {
    Path file = repository.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void git(String... args) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@example.com"));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(repository.toFile());
    builder.environment().put("GIT_COMMITTER_DATE", "2025-06-30T23:50:00+0200");
    Process process = builder.inheritIO().start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void a_dirty_repository_is_refused_and_its_changes_are_listed() throws Exception {
    write("app/page.html", "changed");
    write("app/new.html", "new");
    write("staged.txt", "staged");
    git("add", "staged.txt");
    git("rm", "-q", "--cached", ".gitignore");
    User.Result result =
        user.in(repository.resolve("app")).s3dock("build", "my-app", "-f", "../Dockerfile");
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("app/page.html", "app/new.html", "staged.txt", ".gitignore")
        .contains("git stash -u");
    git("stash", "-q", "-u");
    assertThat(user.s3dock("build", "my-app", "-f", "../Dockerfile").exitCode())
        .as("no engine, but clean: the advice works")
        .isEqualTo(6);
  }

  @Test
  void the_advice_for_a_dirty_repository_is_one_that_helps() throws Exception {
    write("app/page.html", "changed");
    assertThat(user.s3dock("build", "my-app").err())
        .contains("git stash")
        .doesNotContain("stash -u", ".dockerignore");
    git("checkout", "-q", "-b", "other");
    git("commit", "-qam", "one way");
    git("checkout", "-q", "-");
    write("app/page.html", "changed in another way");
    git("commit", "-qam", "the other way");
    ProcessBuilder merge = new ProcessBuilder("git", "merge", "-q", "other");
    merge.directory(repository.toFile()).redirectErrorStream(true);
    merge.redirectOutput(folder.resolve("merge").toFile()).start().waitFor();
    assertThat(user.s3dock("build", "my-app").err())
        .contains("conflicted", "resolve the conflicts")
        .doesNotContain("stash");
  }

  @Test
  void untracked_files_that_cannot_get_into_the_image_are_no_obstacle() throws Exception {
    write("debug.log", "ignored by git");
    write("notes/todo.txt", "ignored by docker");
    User.Result result = user.s3dock("build", "my-app");
    assertThat(result.exitCode()).as("no engine, but clean: " + result.err()).isEqualTo(6);
    assertThat(user.s3dock("build", "my-app", "--context", "app", "-f", "Dockerfile").exitCode())
        .as("another context does not leave notes/ out")
        .isEqualTo(4);
  }

  private User.Result buildWith(String dockerfile) {
    return user.in(repository.resolve("app")).s3dock("build", "my-app", "-f", dockerfile);
  }

  private void refusedWith(String dockerfile, String... words) {
    User.Result result = buildWith(dockerfile);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(4);
    assertThat(result.err()).contains(words);
  }

  @Test
  void a_dockerfile_outside_of_the_context_is_compared_with_the_commit() throws Exception {
    assertThat(buildWith("../Dockerfile").exitCode()).as("no engine, but clean").isEqualTo(6);
    git("update-index", "--assume-unchanged", "Dockerfile");
    write("Dockerfile", "FROM scratch\nCOPY secret /\n");
    refusedWith("../Dockerfile", "Dockerfile", "--no-assume-unchanged");
    write("Dockerfile.log", "FROM scratch\n");
    refusedWith("../Dockerfile.log", "Dockerfile.log is not in the commit", "git add --force");
    Path outside = folder.resolve("Dockerfile");
    Files.writeString(outside, "FROM scratch\n");
    refusedWith("../../Dockerfile", "outside of the repository", repository.toRealPath() + "");
  }

  @Test
  void the_ignore_file_of_a_dockerfile_is_compared_too() throws Exception {
    write(".gitignore", "*.log\n*.dockerignore\n");
    git("add", "-f", "-A");
    git("commit", "-q", "-m", "second");
    write("Dockerfile.dockerignore", "page.html\n");
    refusedWith("../Dockerfile", "Dockerfile.dockerignore is not in the commit");
    User.Result inside = user.in(repository).s3dock("build", "my-app");
    assertThat(inside.exitCode()).as(inside.err()).isEqualTo(4);
    assertThat(inside.err()).contains("Dockerfile.dockerignore is not in the commit");
  }

  @Test
  void a_folder_without_a_commit_is_refused() throws Exception {
    Path plain = Files.createDirectories(folder.resolve("plain"));
    Files.writeString(plain.resolve("Dockerfile"), "FROM scratch\n");
    assertThat(user.in(plain).s3dock("build", "my-app").exitCode()).isEqualTo(4);
  }

  @Test
  void a_repository_whose_name_no_app_can_have_needs_an_app() throws Exception {
    Path odd = Files.createDirectories(folder.resolve("---"));
    Files.writeString(odd.resolve("Dockerfile"), "FROM scratch\n");
    repository = odd;
    git("init", "-q");
    User.Result result = user.in(odd).s3dock("build");
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.err()).contains("'---' cannot be the name of an app", "s3dock build myapp");
  }

  @Tag("engine")
  @Test
  void without_an_app_it_is_that_of_the_configuration_or_the_repositorys() throws Exception {
    user.with(Engines.docker20().environment());
    assertThat(user.s3dock("build").ok().line()).startsWith("repository:20250630-2350-");
    git("remote", "add", "origin", "https://user:planted@example.com/team/My_Web.Shop.git");
    assertThat(user.s3dock("build").ok().line()).startsWith("my_web.shop:20250630-2350-");
    Path file = Files.writeString(folder.resolve("own.json5"), "{app: 'named'}");
    assertThat(user.s3dock("build", "--config", file.toString()).ok().line())
        .startsWith("named:20250630-2350-");
  }

  @Tag("engine")
  @Test
  void an_image_tells_its_commit_and_a_failed_build_tells_the_engines_error() throws Exception {
    git("remote", "add", "origin", "https://user:planted@example.com/team/app.git");
    TestEngine engine = Engines.docker20();
    user.with(engine.environment());
    String reference = user.s3dock("build", "my-app").ok().line();
    assertThat(reference).matches("my-app:20250630-2350-[0-9a-f]{7}");
    var labels =
        new ObjectMapper()
            .readTree(engine.docker("inspect", "-f", "{{json .Config.Labels}}", reference));
    assertThat(labels.path("org.opencontainers.image.revision").textValue())
        .hasSize(40)
        .startsWith(reference.substring(reference.length() - 7));
    assertThat(labels.path("org.opencontainers.image.created").textValue())
        .isEqualTo("2025-06-30T23:50:00+02:00");
    assertThat(labels.path("org.opencontainers.image.version").textValue())
        .isEqualTo(reference.substring("my-app:".length()));
    assertThat(labels.path("org.opencontainers.image.source").textValue())
        .isEqualTo("https://example.com/team/app.git");

    write("Dockerfile", "FROM scratch\nCOPY missing /\n");
    git("commit", "-qam", "break it");
    User.Result failed = user.s3dock("build", "my-app");
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.err()).contains("missing").doesNotContain("\tat ");
  }

  private List<String> filesOf(TestEngine engine, String reference) throws Exception {
    Path saved = folder.resolve("saved.tar");
    engine.docker("save", "-o", saved.toString(), reference);
    Path layout = folder.resolve("layers");
    List<String> names = new ArrayList<>();
    Process tar =
        new ProcessBuilder(
                "sh",
                "-c",
                "mkdir -p '%1$s' && tar xf '%2$s' -C '%1$s' && find '%1$s' -name layer.tar -exec tar tf {} ';'; rm -rf '%1$s' '%2$s'"
                    .formatted(layout, saved))
            .start();
    try (var lines = tar.inputReader()) {
      lines.lines().forEach(names::add);
    }
    return names;
  }

  @Tag("engine")
  @Test
  void only_what_the_commit_holds_is_sent_and_what_was_asked_for_beside() throws Exception {
    write("Dockerfile", "FROM scratch\nCOPY . /src/\n");
    write(".gitignore", "*.log\ns3dock.json5\ntarget/\n");
    write(".dockerignore", "notes/\n");
    git("add", "-A");
    git("commit", "-qm", "copy all");
    write("debug.log", "not of the commit");
    write("s3dock.json5", "{ profiles: { default: { access_key: 'k', secret_key: 's' } } }");
    write("target/app.jar", "made before");
    TestEngine engine = Engines.docker20();
    user.with(engine.environment());
    String plain = user.s3dock("build", "my-app", "--no-cache").ok().line();
    assertThat(filesOf(engine, plain))
        .contains("src/app/page.html", "src/Dockerfile", "src/.gitignore")
        .noneMatch(name -> name.contains(".git/"))
        .doesNotContain("src/debug.log", "src/s3dock.json5", "src/target/app.jar");
    String more =
        user.s3dock("build", "my-app", "--no-cache", "--include", "target/*.jar").ok().line();
    assertThat(filesOf(engine, more))
        .contains("src/target/app.jar")
        .doesNotContain("src/debug.log");
    assertThat(
            engine.docker(
                "inspect", "-f", "{{index .Config.Labels \"dev.s3dock.build.include\"}}", more))
        .isEqualTo("target/*.jar");
    User.Result useless =
        user.s3dock("build", "my-app", "--include", "target/*.jar", "--include", "dist/*").ok();
    assertThat(useless.err())
        .contains("warning: ", "nothing was included by 'dist/*'")
        .doesNotContain("by 'target/*.jar'");
    write("other.log", "{ profiles: { default: { access_key: 'k', secret_key: 's' } } }");
    Files.setPosixFilePermissions(
        repository.resolve("other.log"), PosixFilePermissions.fromString("rw-------"));
    String named =
        user.s3dock("build", "my-app", "--no-cache", "--worktree", "--config", "other.log")
            .ok()
            .line();
    assertThat(filesOf(engine, named)).contains("src/debug.log").doesNotContain("src/other.log");
    String all = user.s3dock("build", "my-app", "--no-cache", "--worktree").ok().line();
    assertThat(filesOf(engine, all))
        .contains("src/debug.log", "src/target/app.jar")
        .noneMatch(name -> name.contains(".git/"))
        .doesNotContain("src/s3dock.json5");
    write("s3dock.json5", "{ build: { 'my-app': { include: ['target/*.jar'] } } }");
    String configured = user.s3dock("build", "my-app", "--no-cache").ok().line();
    assertThat(filesOf(engine, configured)).contains("src/target/app.jar");
  }

  @Tag("engine")
  @Test
  void a_build_that_lacks_an_ignored_file_says_how_to_send_it() throws Exception {
    write("Dockerfile", "FROM scratch\nCOPY \\\n  target/app.jar /\n");
    write(".gitignore", "target/\n");
    git("add", "-A");
    git("commit", "-qm", "copy a jar");
    write("target/app.jar", "made before");
    user.with(Engines.docker20().environment());
    User.Result failed = user.s3dock("build", "my-app");
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.err()).contains("--include target/app.jar", "build.my-app.include");
    user.s3dock("build", "my-app", "--include", "target").ok();
  }

  @Test
  void a_sparse_checkout_is_refused_with_its_remedy() throws Exception {
    write("other/file", "1");
    git("add", "-A");
    git("commit", "-qm", "more");
    git("sparse-checkout", "set", "app");
    User.Result result = user.s3dock("build", "my-app");
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.err()).contains("other/file", "git sparse-checkout disable");
  }

  @Test
  void a_dockerfile_that_git_ignores_is_refused() throws Exception {
    write(".gitignore", "Dockerfile.dev\n");
    git("commit", "-qam", "ignore it");
    write("Dockerfile.dev", "FROM scratch\n");
    User.Result result = user.s3dock("build", "my-app", "-f", "Dockerfile.dev");
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.err()).contains("Dockerfile.dev is not in the commit");
  }

  @Tag("engine")
  @Test
  void pull_keep_removes_older_images_that_no_container_uses() throws Exception {
    TestEngine engine = Engines.docker20();
    Path store = folder.resolve("store");
    user.with(engine.environment()).with("S3DOCK_BUCKET", store.toUri().toString());
    List<String> references = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String reference = "keep-app:2025070%d-1200-f7a5a27".formatted(i + 1);
      engine.helloImage(folder.resolve("context"), reference, "page " + i);
      user.s3dock("push", reference).ok();
      references.add(reference);
    }
    String container = engine.docker("create", references.get(0));
    try {
      User.Result pulled =
          user.s3dock("pull", "keep-app", "20250704-1200-f7a5a27", "--keep", "2").ok();
      assertThat(pulled.out())
          .contains("removed " + references.get(1))
          .doesNotContain("removed " + references.get(0));
      assertThat(
              engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}", "keep-app").lines())
          .containsExactlyInAnyOrder(references.get(0), references.get(2), references.get(3));
    } finally {
      engine.docker("rm", container);
    }
  }
}
