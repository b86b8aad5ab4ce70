package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.Settings;
import dev.s3dock.doctor.Policy;
import dev.s3dock.doctor.Policy.Scope;
import dev.s3dock.doctor.Policy.Statement;
import dev.s3dock.doctor.Role;
import dev.s3dock.store.s3.S3ObjectStore;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** IAM policies in their JSON. */
public final class PolicyText {
  /** Stands for the bucket where none is configured. */
  private static final String PLACEHOLDER = "BUCKET";

  private PolicyText() {}

  /**
   * Prints the policy for the bucket that is configured, and nothing else.
   *
   * @param endpoint of a store that is not Amazon's
   * @param host that deploys
   * @param targetGroups that the configuration names
   */
  public static void print(
      Settings settings,
      Optional<URI> endpoint,
      Role role,
      Optional<String> host,
      List<String> targetGroups,
      Output output)
      throws IOException {
    String bucket = settings.bucket().orElse(PLACEHOLDER);
    if (bucket.startsWith("file:")) {
      throw new UsageException(
          "a folder has no IAM policies: give its users rights on %s, see docs/permissions.md"
              .formatted(bucket));
    }
    Policy policy =
        Policy.of(
            role,
            new Scope(
                bucket.replaceFirst("^s3://", "").replaceFirst("/$", ""),
                settings.region(),
                endpoint.map(_ -> S3ObjectStore.PROBES),
                host,
                targetGroups));
    output.result(
        "doctor",
        text(policy),
        data -> {
          data.writeStringField("role", role.toString());
          data.writeFieldName("policy");
          write(policy, data);
        });
  }

  /** As it is given to IAM. */
  static String text(Policy policy) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      DefaultPrettyPrinter printer =
          new DefaultPrettyPrinter(
              Separators.createDefaultInstance()
                  .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
      printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
      generator.setPrettyPrinter(printer);
      write(policy, generator);
    }
    return text.toString();
  }

  private static void write(Policy policy, JsonGenerator data) throws IOException {
    data.writeStartObject();
    data.writeStringField("Version", Policy.LANGUAGE);
    data.writeArrayFieldStart("Statement");
    for (Statement statement : policy.statements()) {
      data.writeStartObject();
      data.writeStringField("Sid", statement.id());
      data.writeStringField("Effect", "Allow");
      array("Action", statement.actions(), data);
      array("Resource", statement.resources(), data);
      data.writeEndObject();
    }
    data.writeEndArray();
    data.writeEndObject();
  }

  private static void array(String name, List<String> values, JsonGenerator data)
      throws IOException {
    data.writeArrayFieldStart(name);
    for (String value : values) {
      data.writeString(value);
    }
    data.writeEndArray();
  }
}
