package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong, it is told in words: nothing of Java or of a library shows. */
class PlainMessagesTest {
  private static final String REF = "shop:20250721-2118-f7a5a27";
  private static final String PREFIX = "images/shop/202507/shop-20250721-2118-f7a5a27";
  private static final Pattern INTERNAL =
      Pattern.compile(
          "\\[Source|REDACTED|Exception\\b|\\bjavax?\\.|\\bsun\\.|jackson|awssdk|picocli"
              + "|(?<!['/])\\bnull\\b|\\bto (?:int|Path)\\b|\\ban int\\b|@[0-9a-f]{6,}\\b");
  private static final Pattern DOUBLED_WORD = Pattern.compile("\\b([A-Za-z]{2,}) \\1\\b");
  private static final Pattern DOUBLED_PREFIX = Pattern.compile("(.{8,}: )\\1");
  private static final Pattern WRONG_NUMBER =
      Pattern.compile(
          "\\b1 (?:images|layers|files|checks|events|objects|versions|environments|reports|times"
              + "|requests|chunks|notes)\\b");

  @TempDir Path folder;
  private Path store;
  private User user;

  @BeforeEach
  void publish() {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    Path tar = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    user.s3dock("push", REF, "--from", tar.toString()).ok();
    user.s3dock("tag", REF, "v1.2.0").ok();
    user.s3dock("promote", REF, "production").ok();
  }

  private static void requirePlain(String what, String text) {
    for (Pattern wrong : List.of(INTERNAL, DOUBLED_WORD, DOUBLED_PREFIX, WRONG_NUMBER)) {
      Matcher found = wrong.matcher(text);
      assertThat(found.find() ? found.group() : "").as("in: %s%n%s", what, text).isEmpty();
    }
  }

  private User.Result run(String... args) {
    User.Result result = user.s3dock(args);
    requirePlain(String.join(" ", args), result.out() + "\n" + result.err());
    return result;
  }

  private void fails(String what, String... args) {
    User.Result result = run(args);
    assertThat(result.exitCode()).as(what + ": " + result.err()).isNotZero();
    assertThat(result.err().strip()).as(what).startsWith("s3dock: ").hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list apps -l debug",
        "list apps -l",
        "list apps -l 1 -l 2",
        "list apps --json=maybe",
        "list apps --bucket a --bucket b",
        "list images shop --month July",
        "list frogs",
        "list apps extra",
        "audit shop --limit many",
        "audit shop --limit 99999999999",
        "audit shop --interval 1.5",
        "audit shop --since soon",
        "build x --build-arg novalue",
        "build x --platform plan9",
        "cleanup --keep-last many",
        "cleanup --keep-last -1",
        "cleanup --older-than 3x",
        "completion tcsh",
        "copy",
        "copy shop:v1.2.0",
        "copy shop:v1.2.0 shop:v1.3.0",
        "copy shop:v1.2.0 127.0.0.1:1/x",
        "copy 127.0.0.1:1/x:v1 shop:20250722-1000-1234567",
        "copy 127.0.0.1:99999/x:v1 shop:20250722-1000-1234567",
        "copy 127.0.0.1:1/x:v1 shop:v1.3.0",
        "copy shop:v1.2.0 127.0.0.1:1/x --platform plan9",
        "copy shop:v1.2.0 --to-profile nobody",
        "doctor --role king",
        "doctor --timeout never",
        "help nothing",
        "pull shop v1.2.0 --keep x",
        "pull shop v1.2.0 --to",
        "pull shop v9.9.9",
        "push",
        "push a b c",
        "push shop:latest",
        "push shop:20250230-2118-f7a5a27",
        "serve --listen nowhere",
        "serve --listen 0.0.0.0:0",
        "serve --listen 127.0.0.1:0 --auth-file absent",
        "serve --listen 127.0.0.1:0 --tls-cert absent --tls-key absent",
        "serve SHOP",
        "tag shop:20250721-2118-f7a5a27",
        "tag shop:v1.2.0 latest",
        "promote shop v9.9.9 production",
        "current SHOP production",
        "current shop nowhere",
        "verify",
        "verify --all shop",
        "inspect shop:nothing",
        "--config",
        "--config absent.json5 list apps",
        "--config /dev/null/x list apps",
        "--config / list apps",
        "--profile nobody list apps",
        "--bucket file:relative list apps",
        "--bucket file:///%zz list apps",
        "--bucket file://host/x list apps",
        "--bucket file:///dev/null/x list apps",
        "--bucket Bad_Bucket! list apps",
        "--bucket b --endpoint-url http://[ list apps",
        "--bucket b --endpoint-url ftp://x list apps",
        "--bucket b --endpoint-url http://a@b list apps",
        "--bucket b --region !? --endpoint-url http://127.0.0.1:1 list apps",
        "--bucket b --endpoint-url http://127.0.0.1:1 list apps",
        "--bucket b --endpoint-url https://127.0.0.1:1 list apps",
        "--bucket b --endpoint-url http://nothing.invalid list apps",
        "push shop:20250721-2118-f7a5a27",
        "push shop:20250721-2118-f7a5a27 --from absent.tar",
        "push shop:20250721-2118-f7a5a27 --from /",
        "push shop:20250721-2118-f7a5a27 --from /dev/null",
        "push shop:20250721-2118-f7a5a27 --from /dev/null/x",
        "pull shop production --to /dev/null/x",
        "pull shop production --to /absent/folder/x",
        "pull shop production --to /proc/x/",
        "config init --config /dev/null/x",
        "config init --config /absent/x.json5",
        "build",
        "build shop --context absent",
        "build shop --dockerfile absent"
      })
  void a_mistake_of_the_command_line(String line) throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{defaults: {retry_count: 0}}");
    fails(line, line.split(" "));
  }

  @Test
  void a_configuration_that_cannot_be_read() throws IOException {
    Path file = user.workingDirectory().resolve("s3dock.json5");
    for (String text :
        List.of(
            "",
            "x",
            "{",
            "{a",
            "{profiles: {",
            "{profiles: {default: {bucket: 'b}}}",
            "{profiles: [}",
            "{profiles: {default: {bucket: 'b'}}} x",
            "[]",
            "{app: 'A B'}",
            "{app: ['a']}",
            "{docker: {timeout: soon}}",
            "{docker: {timeout: 'soon'}}",
            "{docker: {threads: 0x10}}",
            "{defaults: {retry_count: 1e999}}",
            "{/* open",
            "{profiles: {p: {bucket: '\\u0000'}}, default_profile: 'p'}",
            "{\"a\": \"\\uD800\"}")) {
      Files.writeString(file, text);
      fails(text, "list", "apps");
    }
    Files.write(file, new byte[] {'{', (byte) 0xff, (byte) 0xfe, '}'});
    fails("not UTF-8", "list", "apps");
  }

  private void deploys(String traffic, String more) throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{defaults: {retry_count: 0}, deploy: {shop: {port: 80, traffic: %s %s}}}"
            .formatted(traffic, more));
  }

  @Test
  void a_load_balancer_or_a_host_that_does_not_do_its_part() throws IOException {
    Path dead = folder.resolve("dead.sock");
    for (String traffic :
        List.of(
            "{driver: 'haproxy', backend: 'b', socket: '%s', url: 'http://127.0.0.1:1/'}"
                .formatted(dead),
            "{driver: 'haproxy', backend: 'b', socket: '127.0.0.1:1', url: 'http://127.0.0.1:1/'}",
            "{driver: 'nginx', file: '/dev/null/x', status: '127.0.0.1:1', url: 'http://127.0.0.1:1/'}",
            "{driver: 'caddy', admin: '127.0.0.1:1', url: 'http://127.0.0.1:1/'}",
            "{driver: 'caddy', admin: '/dev/null/x', url: 'http://127.0.0.1:1/'}",
            "{driver: 'command', direct: ['/absent'], url: 'http://127.0.0.1:1/'}",
            "{driver: 'none'}")) {
      deploys(traffic, "");
      run("doctor", "--role", "reader");
      run("deploy", "shop", "production", "--dry-run");
    }
    deploys("{driver: 'caddy', url: 'http://127.0.0.1:1/'}", ", run: {env_file: '/dev/null/x'}");
    run("deploy", "shop", "production");
    run("doctor");
  }

  @Test
  void an_engine_that_cannot_be_asked() throws IOException {
    for (String host :
        List.of("tcp://127.0.0.1:1", "tcp://", "ssh://host", "unix:///absent", "::", "http://[")) {
      user.with("DOCKER_HOST", host);
      fails(host, "pull", "shop", "production");
    }
    Path config = Files.createDirectories(folder.resolve("docker"));
    user.with("DOCKER_HOST", "").with("DOCKER_CONFIG", config.toString());
    for (String text : List.of("{", "", "[", "{\"currentContext\": \"absent\"}", "nonsense")) {
      Files.writeString(config.resolve("config.json"), text);
      User.Result result = run("pull", "shop", "production", "--platform", "linux/amd64");
      assertThat(result.exitCode()).as(text + ": " + result.err()).isIn(0, 6);
    }
    user.with("DOCKER_HOST", "tcp://127.0.0.1:1").with("DOCKER_TLS_VERIFY", "1");
    fails("no certificates", "pull", "shop", "production");
  }

  @Test
  void certificates_that_cannot_be_read() throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{defaults: {retry_count: 0}}");
    String[] list = {"list", "apps", "--bucket", "b", "--endpoint-url", "https://127.0.0.1:1"};
    for (String text : List.of("", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END")) {
      Path file = Files.writeString(folder.resolve("ca.pem"), text);
      user.with("AWS_CA_BUNDLE", file.toString());
      fails(text, list);
    }
    user.with("AWS_CA_BUNDLE", folder.resolve("absent.pem").toString());
    fails("absent", list);
    user.with("AWS_CA_BUNDLE", folder.toString());
    fails("a folder", list);
  }

  @Test
  void an_object_of_the_bucket_that_is_damaged() throws IOException {
    Map<String, List<String[]>> readers = new LinkedHashMap<>();
    String[] pull = {"pull", "shop", "production", "--to", folder.resolve("out") + ""};
    String[] layout = {"pull", "shop", "production", "--to", folder.resolve("out.d") + "/"};
    String[] inspect = {"inspect", "shop:production"};
    readers.put("pointers/shop/production.json", List.of(pull, inspect));
    readers.put("tags/shop/v1.2.0.json", List.<String[]>of(new String[] {"list", "tags", "shop"}));
    readers.put(PREFIX + ".json", List.of(pull, layout, inspect));
    readers.put(PREFIX + ".tar.gz", List.of(pull, layout));
    for (var entry : readers.entrySet()) {
      Path object = store.resolve(entry.getKey());
      byte[] good = Files.readAllBytes(object);
      for (byte[] bad : damaged(good)) {
        Files.write(object, bad);
        for (String[] command : entry.getValue()) {
          run(command);
        }
      }
      Files.write(object, good);
    }
    for (Path event : events()) {
      Files.writeString(event, "{\"event_type\": {");
    }
    run("audit", "shop");
    run("history", "shop", "production");
    Files.writeString(store.resolve(PREFIX + ".json"), "{\"archive\": {");
    run("verify", "shop", "--deep");
    run("cleanup", "shop", "--keep-last", "0");
  }

  private static List<byte[]> damaged(byte[] good) {
    byte[] flipped = good.clone();
    flipped[good.length / 2] ^= 1;
    String text = new String(good, StandardCharsets.ISO_8859_1);
    List<byte[]> bad =
        new ArrayList<>(
            List.of(new byte[0], flipped, Arrays.copyOf(good, good.length / 2), new byte[20]));
    for (String one :
        List.of("{", "[]", "{\"a\": tru", "{\"target_type\": 7}", text.replaceFirst("\\d", "x"))) {
      bad.add(one.getBytes(StandardCharsets.ISO_8859_1));
    }
    return bad;
  }

  private List<Path> events() {
    try (var files = Files.walk(store.resolve("audit"))) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_file_that_is_no_image() throws IOException {
    SequencedMap<String, byte[]> files = TestImages.dockerSaveFiles(ImageSpec.small(), REF);
    byte[] good = TestTar.of(files);
    Path file = folder.resolve("bad.tar");
    for (byte[] bad : damaged(good)) {
      Files.write(file, bad);
      run("push", "web:20250721-2118-f7a5a27", "--from", file.toString());
    }
    for (String name : List.copyOf(files.keySet())) {
      SequencedMap<String, byte[]> others = TestImages.dockerSaveFiles(ImageSpec.small(), REF);
      others.put(name, "{\"x\": [".getBytes(StandardCharsets.UTF_8));
      Files.write(file, TestTar.of(others));
      run("push", "web:20250721-2118-f7a5a27", "--from", file.toString());
    }
    Path layout = Files.createDirectories(folder.resolve("layout"));
    for (String text : List.of("{", "{}", "{\"manifests\": 7}", "")) {
      Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
      Files.writeString(layout.resolve("index.json"), text);
      fails(text, "push", "web:20250721-2118-f7a5a27", "--from", layout.toString());
    }
  }
}
