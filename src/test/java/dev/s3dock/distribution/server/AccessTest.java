package dev.s3dock.distribution.server;

import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static dev.s3dock.distribution.server.ServedBucket.code;
import static dev.s3dock.distribution.server.ServedBucket.header;
import static dev.s3dock.distribution.server.ServedBucket.manifest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.TestCertificate;
import dev.s3dock.testing.engine.ImageSpec;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask, and how it is told that others may not. */
class AccessTest {
  private static final String PASSWORD = PlantedSecrets.PASSWORD;
  private static final int COST = 4;

  @TempDir static Path folder;
  private static TestCertificate ofServer;
  private static TestCertificate ofClient;

  @BeforeAll
  static void certify() throws IOException, InterruptedException {
    ofServer = TestCertificate.make(folder, "server");
    ofClient = TestCertificate.make(folder, "client");
  }

  private static Path users(String... users) throws IOException {
    StringBuilder lines = new StringBuilder("# users\n\n");
    for (String user : users) {
      lines.append(user).append(':').append(hash(PASSWORD)).append('\n');
    }
    return Files.writeString(Files.createTempFile(folder, "htpasswd", ""), lines);
  }

  private static String hash(String password) {
    return OpenBSDBCrypt.generate("2y", password.toCharArray(), new byte[16], COST);
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static ServedBucket served(Optional<ServerTls> tls, Optional<Path> users)
      throws IOException {
    return new ServedBucket(folder)
        .with(FIRST, ImageSpec.small())
        .serve(
            it -> it,
            tls,
            users.isPresent() ? Optional.of(Htpasswd.read(users.get())) : Optional.empty());
  }

  @Test
  void who_has_no_password_or_a_wrong_one_is_asked_for_it() throws IOException {
    try (ServedBucket served = served(Optional.empty(), Optional.of(users("anna", "otto")))) {
      for (String path : new String[] {"/v2/", manifest(FIRST.tag()), "/metrics", "/v2/_catalog"}) {
        HttpResponse<byte[]> answer = served.get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(401);
        assertThat(header(answer, "WWW-Authenticate")).isEqualTo("Basic realm=\"s3dock\"");
        assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
        assertThat(served.get(path, "Authorization", basic("otto", PASSWORD)).statusCode())
            .isEqualTo(200);
      }
      assertThat(served.get("/healthz").statusCode()).isEqualTo(200);
      assertThat(served.send("DELETE", "/v2/").statusCode()).isEqualTo(401);
      assertThat(served.log())
          .extracting(AccessRecord::user)
          .contains("otto")
          .doesNotContain("anna");
      PlantedSecrets.requireAbsent("the access log", served.log().toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "anna:wrong",
        "anna:",
        "anna",
        ":",
        "nobody:x",
        "ANNA:x",
        "anna:\u0000",
        "\u00e4:\u00e4"
      })
  void wrong_credentials_are_refused_each_time(String credentials) throws IOException {
    try (ServedBucket served = served(Optional.empty(), Optional.of(users("anna")))) {
      String header = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
      assertThat(served.get("/v2/", "Authorization", basic("anna", PASSWORD)).statusCode())
          .isEqualTo(200);
      for (String wrong : new String[] {header, header, "Basic ?", "Bearer x", "Basic", ""}) {
        assertThat(served.get("/v2/", "Authorization", wrong).statusCode()).isEqualTo(401);
      }
    }
  }

  @Test
  void a_user_who_is_removed_from_the_file_is_refused_at_once() throws IOException {
    Path file = users("anna", "otto");
    try (ServedBucket served = served(Optional.empty(), Optional.of(file))) {
      String[] anna = {"Authorization", basic("anna", PASSWORD)};
      assertThat(served.get("/v2/", anna).statusCode()).isEqualTo(200);
      Files.writeString(file, "otto:" + hash(PASSWORD) + "\n");
      assertThat(served.get("/v2/", anna).statusCode()).isEqualTo(401);
      Files.writeString(file, "half a li");
      assertThat(served.get("/v2/", "Authorization", basic("otto", PASSWORD)).statusCode())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# none\n",
        "anna\n",
        "anna:plain\n",
        "anna:$apr1$x$y\n",
        "anna:{SHA}x\n",
        "anna:$2y$31$" + "................................................." + "....\n"
      })
  void a_file_without_users_of_bcrypt_is_refused_by_its_line(String content) throws IOException {
    Path file = Files.writeString(Files.createTempFile(folder, "htpasswd", ""), content);
    assertThatThrownBy(() -> Htpasswd.read(file))
        .isInstanceOf(Htpasswd.UnusableException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("htpasswd -B");
  }

  private static HttpClient client(Optional<TestCertificate> own) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(TestCertificate.trusting(ofServer, own))
        .build();
  }

  private static HttpResponse<byte[]> ask(HttpClient client, ServedBucket served, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(served.uri(manifest(FIRST.tag())));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  @Test
  void a_server_with_a_certificate_speaks_tls() throws Exception {
    ServerTls tls = ServerTls.read(ofServer.certificate(), ofServer.key(), Optional.empty());
    try (ServedBucket served = served(Optional.of(tls), Optional.of(users("anna")));
        HttpClient client = client(Optional.empty())) {
      assertThat(served.server().uri().getScheme()).isEqualTo("https");
      assertThat(ask(client, served).statusCode()).isEqualTo(401);
      assertThat(ask(client, served, "Authorization", basic("anna", PASSWORD)).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void a_renewed_certificate_is_taken_without_a_restart_and_a_broken_one_is_not() throws Exception {
    Path files = Files.createDirectories(folder.resolve("renewed"));
    TestCertificate first = TestCertificate.make(files, "live");
    ServerTls tls = ServerTls.read(first.certificate(), first.key(), Optional.empty());
    try (ServedBucket served = served(Optional.of(tls), Optional.empty())) {
      requireTrusted(first, served);
      TestCertificate second = TestCertificate.make(files, "next");
      Files.writeString(first.certificate(), "half of");
      requireTrusted(first, served);
      Files.copy(second.certificate(), first.certificate(), REPLACE_EXISTING);
      requireTrusted(first, served); // the key is another one's
      Files.copy(second.key(), first.key(), REPLACE_EXISTING);
      requireTrusted(second, served);
    }
  }

  /** By a client without connections that are open. */
  private static void requireTrusted(TestCertificate server, ServedBucket served)
      throws IOException, InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(TestCertificate.trusting(server, Optional.empty()))
            .build()) {
      assertThat(ask(client, served).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_client_s_certificate_is_as_good_as_a_password() throws Exception {
    ServerTls tls =
        ServerTls.read(ofServer.certificate(), ofServer.key(), Optional.of(ofClient.certificate()));
    try (ServedBucket served = served(Optional.of(tls), Optional.of(users("anna")));
        HttpClient known = client(Optional.of(ofClient));
        HttpClient nobody = client(Optional.empty())) {
      assertThat(ask(known, served).statusCode()).isEqualTo(200);
      Eventually.holds(
          "the log names the certificate",
          () -> served.log().stream().anyMatch(it -> it.user().contains("CN=client")));
      assertThat(ask(nobody, served).statusCode()).isEqualTo(401);
      assertThat(ask(nobody, served, "Authorization", basic("anna", PASSWORD)).statusCode())
          .isEqualTo(200);
    }
    try (ServedBucket served = served(Optional.of(tls), Optional.empty());
        HttpClient known = client(Optional.of(ofClient));
        HttpClient nobody = client(Optional.empty())) {
      assertThat(ask(known, served).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> ask(nobody, served)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void files_that_are_no_certificate_or_do_not_belong_together_are_named() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "no PEM");
    assertThatThrownBy(() -> ServerTls.read(text, ofServer.key(), Optional.empty()))
        .isInstanceOf(ServerTls.UnusableException.class)
        .hasMessageContaining(text.toString());
    assertThatThrownBy(() -> ServerTls.read(ofServer.certificate(), text, Optional.empty()))
        .isInstanceOf(ServerTls.UnusableException.class)
        .hasMessageContaining(text + " is not a private key");
    assertThatThrownBy(
            () -> ServerTls.read(ofServer.certificate(), ofClient.key(), Optional.empty()))
        .hasMessageContaining("is not the key of " + ofServer.certificate());
    assertThatThrownBy(
            () -> ServerTls.read(folder.resolve("absent"), ofServer.key(), Optional.empty()))
        .hasMessageContaining("there is no such file");
  }
}
