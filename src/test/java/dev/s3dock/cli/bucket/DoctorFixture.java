package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A user with a bucket of an S3 server who is examined. */
public final class DoctorFixture {
  private final S3Server server;
  private final String bucket;
  private final User user;

  public DoctorFixture(Path folder, S3Server server) {
    this.server = server;
    this.bucket = S3Servers.newBucket(server);
    this.user =
        new User(folder)
            .with("S3DOCK_BUCKET", bucket)
            .with("AWS_REGION", server.region())
            .with("AWS_ACCESS_KEY_ID", server.accessKey())
            .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
    at(server.endpoint());
  }

  public DoctorFixture at(URI endpoint) {
    user.with("AWS_ENDPOINT_URL", endpoint.toString());
    return this;
  }

  public User user() {
    return user;
  }

  public String bucket() {
    return bucket;
  }

  /** What was found. */
  public record Report(User.Result result) {
    public Report exits(int code) {
      assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(code);
      return this;
    }

    public List<String> checks(String verdict) {
      List<String> checks = new ArrayList<>();
      for (JsonNode finding : result.json().at("/data/findings")) {
        if (finding.path("verdict").asText().equals(verdict)) {
          checks.add(finding.path("check").asText());
        }
      }
      return checks;
    }

    public Report fails(String... checks) {
      assertThat(checks("failure")).as(result.out()).containsExactly(checks);
      return this;
    }

    /** The verdict and the words of a check's only finding. */
    public String says(String check) {
      List<String> found = new ArrayList<>();
      for (JsonNode finding : result.json().at("/data/findings")) {
        if (finding.path("check").asText().equals(check)) {
          found.add(finding.path("verdict").asText() + ": " + finding.path("text").asText());
        }
      }
      assertThat(found).as(check + " in " + result.out()).hasSize(1);
      return found.getFirst();
    }
  }

  public Report doctor(String... options) {
    List<String> line = new ArrayList<>(List.of("doctor", "--json"));
    line.addAll(List.of(options));
    return new Report(user.s3dock(line.toArray(String[]::new)));
  }

  /** What is in the bucket, with unfinished uploads. */
  public List<String> left() {
    List<String> left = new ArrayList<>();
    try (S3Client client = S3Servers.client(server)) {
      client.listObjectsV2Paginator(request -> request.bucket(bucket)).contents().stream()
          .map(S3Object::key)
          .filter(key -> !key.startsWith(".mpus-"))
          .forEach(left::add);
      client
          .listMultipartUploads(request -> request.bucket(bucket))
          .uploads()
          .forEach(upload -> left.add("upload of " + upload.key()));
    }
    return left;
  }
}
