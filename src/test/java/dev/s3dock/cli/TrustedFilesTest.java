package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that s3dock finds, and that somebody else could have written. */
class TrustedFilesTest {
  private static final int SOMEBODY_ELSE = 65_534;

  @TempDir Path folder;
  private User user;
  private Path work;
  private Path config;

  @BeforeEach
  void make_a_user_without_a_bucket() {
    user = new User(folder);
    work = user.workingDirectory();
    config = work.resolve("s3dock.json5");
  }

  private String bucket(String name) {
    return "{ profiles: { default: { bucket: '%s' } } }".formatted(folder.resolve(name).toUri());
  }

  private static void permit(Path file, String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  /** Root alone gives files away: the tests that do it need root, as those with engines. */
  private static void give(Path file, int owner) throws IOException {
    Files.setAttribute(file, "unix:uid", owner);
  }

  private void refused(Path named) {
    User.Result result = user.s3dock("list", "apps");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains(named + " is not used", "--config " + named, "S3DOCK_CONFIG");
  }

  private void obeyed(String bucket, String... args) {
    assertThat(user.s3dock(args).ok().out()).contains(folder.resolve(bucket).toUri().toString());
  }

  @Tag("engine")
  @Test
  void a_configuration_of_somebody_else_is_refused_unless_it_is_named() throws IOException {
    Files.writeString(config, bucket("b"));
    give(config, SOMEBODY_ELSE);
    refused(config);
    obeyed("b", "config", "show", "--config", "s3dock.json5");
    user.with("S3DOCK_CONFIG", config.toString());
    obeyed("b", "config", "show");
  }

  @Tag("engine")
  @Test
  void a_folder_of_somebody_else_is_refused_as_its_file() throws IOException {
    Files.writeString(config, bucket("b"));
    give(work, SOMEBODY_ELSE);
    refused(config);
  }

  @Test
  void what_everybody_can_write_is_refused() throws IOException {
    Files.writeString(config, bucket("b"));
    permit(config, "rw-rw-rw-");
    refused(config);
    permit(config, "rw-r--r--");
    permit(work, "rwxrwxrwx");
    refused(config);
  }

  @Tag("engine")
  @Test
  void a_group_that_is_not_the_owners_own_counts_as_somebody_else() throws IOException {
    Files.writeString(config, bucket("b"));
    permit(config, "rw-rw-r--");
    give(config, 0);
    Files.setAttribute(config, "unix:gid", SOMEBODY_ELSE);
    refused(config);
    Files.setAttribute(config, "unix:gid", 0);
    obeyed("b", "config", "show");
  }

  @Test
  void a_link_is_judged_by_what_it_leads_to() throws IOException {
    Path public_ = Files.createDirectory(folder.resolve("public"));
    Path target = Files.writeString(public_.resolve("shared.json5"), bucket("b"));
    Files.createSymbolicLink(config, target);
    obeyed("b", "config", "show");
    permit(public_, "rwxrwxrwx");
    refused(config);
  }

  @Test
  void the_file_of_the_home_is_judged_too() throws IOException {
    Path own = Files.createDirectories(user.home().resolve(".s3dock")).resolve("config.json5");
    Files.writeString(own, bucket("home"));
    obeyed("home", "config", "show");
    permit(own, "rw-rw-rw-");
    refused(own);
  }

  @Test
  void a_folder_below_finds_the_file_and_judges_it() throws IOException {
    Files.writeString(config, bucket("b"));
    user.in(Files.createDirectories(work.resolve("a/b")));
    obeyed("b", "config", "show");
    permit(config, "rw-rw-rw-");
    refused(config);
  }

  @Test
  void the_nearest_file_counts() throws IOException {
    Files.writeString(config, bucket("far"));
    Path below = Files.createDirectories(work.resolve("a"));
    Files.writeString(below.resolve("s3dock.json5"), bucket("near"));
    user.in(below);
    obeyed("near", "config", "show");
  }

  @Test
  void the_option_wins_over_the_variable_and_init_writes_where_it_says() throws IOException {
    Path named = work.resolve("named.json5");
    user.with("S3DOCK_CONFIG", "named.json5").s3dock("config", "init").ok();
    assertThat(named).exists();
    Files.writeString(named, bucket("variable"));
    Files.writeString(work.resolve("option.json5"), bucket("option"));
    obeyed("variable", "config", "show");
    obeyed("option", "config", "show", "--config", "option.json5");
  }

  @Test
  void a_byte_order_mark_is_read() throws IOException {
    Files.writeString(config, "\uFEFF" + bucket("b"), StandardCharsets.UTF_8);
    obeyed("b", "config", "show");
  }

  @Test
  void files_that_a_found_configuration_names_are_judged_too() throws IOException {
    Path variables = Files.writeString(work.resolve("app.env"), "\uFEFFA=1\n");
    Path hook = Files.writeString(work.resolve("hook.sh"), "#!/bin/sh\n");
    permit(hook, "rwxr-xr-x");
    String deploy =
        "{ deploy: { 'my-app': { port: 8080, run: { env_file: 'app.env' }, hooks: { pre_deploy: ['./hook.sh'] },"
            + " traffic: { driver: 'command', command: ['./hook.sh'] } } } }";
    Files.writeString(config, deploy);
    user.with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    for (Path named : new Path[] {variables, hook}) {
      permit(named, "rwxrwxrwx");
      User.Result result = user.s3dock("deploy", "my-app", "production");
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err())
          .contains(named.getFileName() + " is not used", "everybody can write");
      User.Result trusted =
          user.s3dock("deploy", "my-app", "production", "--config", "s3dock.json5");
      assertThat(trusted.err()).doesNotContain("is not used");
      permit(named, "rwxr-xr-x");
    }
  }

  @Test
  void a_cache_that_somebody_else_could_have_filled_is_not_used() throws IOException {
    Path cache = Files.createDirectories(folder.resolve("cache/s3dock"));
    permit(cache, "rwxrwxrwx");
    user.with("XDG_CACHE_HOME", folder.resolve("cache").toString())
        .with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    User.Result result = user.s3dock("push", "my-app:20250721-2118-f7a5a27", "--from", "absent");
    assertThat(result.err()).contains("the cache " + cache + " is not used", "XDG_CACHE_HOME");
    assertThat(cache).isEmptyDirectory();
  }
}
