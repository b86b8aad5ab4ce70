package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.oci.ImageSettings;
import dev.s3dock.image.Version;
import dev.s3dock.registry.reference.Referrers.Found;
import dev.s3dock.registry.reference.Referrers.OfEnvironment;
import dev.s3dock.registry.reference.Referrers.OfHost;
import dev.s3dock.transfer.pull.Inspector.Contents;
import dev.s3dock.transfer.pull.Inspector.Details;
import dev.s3dock.transfer.pull.Inspector.Neighbour;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What is known of an image, as JSON. */
public final class InspectJson {
  private final JsonGenerator data;

  private InspectJson(JsonGenerator data) {
    this.data = data;
  }

  public static void write(Inspected inspected, JsonGenerator data) throws IOException {
    data.writeStringField("image_ref", inspected.image().toString());
    data.writeStringField("source", inspected.resolved().source());
    data.writeStringField("source_type", inspected.resolved().sourceType());
    InspectJson json = new InspectJson(data);
    json.referrers(inspected.referrers());
    data.writeArrayFieldStart("platforms");
    for (Details details : inspected.platforms()) {
      json.platform(details);
    }
    data.writeEndArray();
  }

  private void referrers(Found found) throws IOException {
    texts("versions", found.versions().stream().map(Version::value).toList());
    data.writeArrayFieldStart("environments");
    for (OfEnvironment at : found.environments()) {
      data.writeStartObject();
      data.writeStringField("environment", at.environment().value());
      data.writeStringField("version", at.version().map(Version::value).orElse(""));
      data.writeEndObject();
    }
    data.writeEndArray();
    data.writeArrayFieldStart("hosts");
    for (OfHost host : found.hosts()) {
      data.writeStartObject();
      data.writeStringField("host", host.host());
      data.writeStringField("environment", host.environment().value());
      data.writeBooleanField("live", host.live());
      data.writeEndObject();
    }
    data.writeEndArray();
  }

  private void platform(Details details) throws IOException {
    data.writeStartObject();
    data.writeStringField("s3_key", details.published().archive().value());
    data.writeNumberField("size", details.archive().size());
    data.writeStringField("checksum", details.published().metadata().checksum());
    data.writeStringField("stored_at", details.archive().lastModified().toString());
    data.writeBooleanField("indexed", details.contents().isPresent());
    if (details.contents().isPresent()) {
      contents(details.contents().get());
    }
    data.writeEndObject();
  }

  private void contents(Contents contents) throws IOException {
    ArchiveIndex index = contents.index();
    data.writeStringField("platform", index.platform().toString());
    data.writeStringField("image_id", index.imageId().toString());
    data.writeNumberField("raw_size", index.rawSize());
    data.writeStringField("compression", index.compression().toString());
    data.writeStringField("compressor", index.compressor().orElse(""));
    settings(contents.settings());
    data.writeArrayFieldStart("layers");
    for (LayerEntry layer : index.layers()) {
      data.writeStartObject();
      data.writeStringField("diff_id", layer.diffId().toString());
      data.writeNumberField("raw_size", layer.size());
      data.writeNumberField("size", layer.end() - layer.offset());
      data.writeNumberField("chunks", layer.chunks().size());
      data.writeEndObject();
    }
    data.writeEndArray();
    data.writeNumberField("shared_size", contents.shared());
    data.writeArrayFieldStart("neighbours");
    for (Neighbour neighbour : contents.neighbours()) {
      data.writeStartObject();
      data.writeStringField("image_ref", neighbour.image().key().reference().toString());
      data.writeStringField("s3_key", neighbour.image().archive().value());
      data.writeNumberField("shared_size", neighbour.shared());
      data.writeEndObject();
    }
    data.writeEndArray();
  }

  private void settings(ImageSettings settings) throws IOException {
    data.writeObjectFieldStart("config");
    data.writeStringField("created", settings.created());
    texts("entrypoint", settings.entrypoint());
    texts("command", settings.command());
    texts("environment_names", settings.environmentNames());
    texts("ports", settings.ports());
    data.writeStringField("user", settings.user());
    data.writeStringField("working_directory", settings.workingDirectory());
    data.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : settings.labels().entrySet()) {
      data.writeStringField(label.getKey(), label.getValue());
    }
    data.writeEndObject();
    data.writeEndObject();
  }

  private void texts(String field, List<String> values) throws IOException {
    data.writeArrayFieldStart(field);
    for (String value : values) {
      data.writeString(value);
    }
    data.writeEndArray();
  }
}
