package dev.s3dock.cli.image;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.distribution.client.OciRepository;
import dev.s3dock.distribution.client.RegistryReference;
import dev.s3dock.distribution.copy.BucketCopy;
import dev.s3dock.distribution.copy.InwardCopy.Copied;
import dev.s3dock.distribution.copy.OutwardResult;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.image.TaggedName;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.Resolver.Resolved;
import dev.s3dock.registry.audit.PushEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "copy",
    customSynopsis = {
      "s3dock copy [OPTIONS] REF REGISTRY/REPOSITORY[:TAG]",
      "s3dock copy [OPTIONS] REGISTRY/REPOSITORY[:TAG] APP:stamp-hash",
      "s3dock copy [OPTIONS] REF --to-profile NAME"
    },
    description = {
      "Copy an image to a registry, from one, or to another bucket.",
      "To a registry: the layers are sent as they are in the archive, without recompression, and those that the registry has are not sent. Several platforms become an index. Without TAG, the tag is stamp-hash.",
      "From a registry: every byte is verified, and each platform becomes an archive. What is published already is not downloaded.",
      "To another bucket: the archive is copied as it is, inside the store where both buckets are of one, under the same name.",
      "Logins are those of `docker login`. A registry at localhost or 127.0.0.1 is reached by HTTP, others by HTTPS."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock copy myapp:production registry.example.com/team/myapp:production",
      "  s3dock copy registry.example.com/team/myapp:v1.2.0 myapp:20250721-2118-f7a5a27",
      "  s3dock copy myapp:production --from-profile staging --to-profile prod"
    })
public final class CopyCommand extends Action {
  @Parameters(
      index = "0",
      paramLabel = "FROM",
      description =
          "An image of the bucket (APP:ENVIRONMENT, APP:VERSION or APP:YYYYMMDD-HHMM-hash), or one in a registry.")
  String from = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TO",
      description = "Where it goes: a registry, or APP:YYYYMMDD-HHMM-hash in the bucket.")
  @Nullable String to;

  @Option(
      names = "--from-profile",
      paramLabel = "NAME",
      description = "Copy from the bucket of this profile (default: the configured bucket).")
  @Nullable String fromProfile;

  @Option(
      names = "--to-profile",
      paramLabel = "NAME",
      description = "Copy to the bucket of this profile (default: the configured bucket).")
  @Nullable String toProfile;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Copy the image of this platform alone (default: all platforms).")
  @Nullable String platform;

  @Option(
      names = "--plain-http",
      description = "Reach the registry by HTTP: others can read the image and the password.")
  boolean plainHttp;

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    if (fromProfile != null || toProfile != null) {
      copyBetween(wiring, output);
      return;
    }
    String target = to == null ? "" : to;
    boolean outward = RegistryReference.isOne(target);
    if (target.isEmpty() || outward == RegistryReference.isOne(from)) {
      throw new UsageException(
          "one of the two must be an image in a registry, such as registry.example.com/team/myapp:v1, and the other one of the bucket, such as myapp:production");
    }
    RegistryReference registry = RegistryReference.parse(outward ? target : from);
    if (outward) {
      Tasks.interruptibly(() -> copyOut(wiring, output, registry)); // which may never answer
    } else {
      ImageReference reference = ImageReference.parse(target);
      Tasks.interruptibly(() -> copyIn(wiring, output, registry, reference));
    }
  }

  private void copyBetween(Wiring wiring, Output output) throws IOException {
    if (to != null || RegistryReference.isOne(from) || plainHttp) {
      throw new UsageException(
          "--from-profile and --to-profile copy an image of one bucket to another one, under the same name: leave out TO and --plain-http, and name no registry");
    }
    try (Wiring source = fromProfile == null ? null : wiring.ofProfile(fromProfile);
        Wiring target = toProfile == null ? null : wiring.ofProfile(toProfile)) {
      copyBetween(source == null ? wiring : source, target == null ? wiring : target, output);
    }
  }

  private void copyBetween(Wiring source, Wiring target, Output output) throws IOException {
    BucketCopy copies = target.transfers().bucketCopy(source);
    TaggedName image = names(source).tagged(from, null);
    Resolved resolved = source.registry().resolver().resolve(image.app(), image.tag());
    List<BucketCopy.Result> copied = new ArrayList<>();
    for (Published platform : platforms(source, resolved)) {
      copied.add(copies.copy(platform));
    }
    List<String> lines = copied.stream().map(CopyCommand::describe).toList();
    output.result(
        "copy",
        String.join("\n", lines),
        data -> {
          data.writeStringField("image_ref", resolved.image().key().reference().toString());
          data.writeStringField("source", resolved.source());
          data.writeArrayFieldStart("images");
          for (BucketCopy.Result one : copied) {
            data.writeStartObject();
            PushCommand.write(one.event(), data);
            data.writeNumberField("bytes_sent", one.sent());
            data.writeEndObject();
          }
          data.writeEndArray();
        });
  }

  private static String describe(BucketCopy.Result copied) {
    PushEvent event = copied.event();
    if (event.skipped()) {
      return "%s is already published there, nothing to copy".formatted(event.image());
    }
    return "copied %s to %s (%s%s)%s"
        .formatted(
            event.image(),
            event.archive(),
            Sizes.of(event.size()),
            copied.sent() == 0 ? ", inside the store" : "",
            event.archived() ? "; the image it replaces is kept in archive/" : "");
  }

  private List<Published> platforms(Wiring wiring, Resolved resolved) {
    return wantedPlatform()
        .map(wanted -> List.of(wiring.transfers().platforms().pick(resolved.image(), wanted)))
        .orElseGet(() -> wiring.registry().images().platforms(resolved.image()));
  }

  private void copyOut(Wiring wiring, Output output, RegistryReference named) throws IOException {
    if (named.digest().isPresent()) {
      throw new UsageException(
          "name the tag that is to lead to the image, and no digest: " + named);
    }
    TaggedName image = names(wiring).tagged(from, null);
    Resolved resolved = wiring.registry().resolver().resolve(image.app(), image.tag());
    ImageReference reference = resolved.image().key().reference();
    RegistryReference target = named.withTag(named.tag().orElse(reference.tag()));
    List<Published> platforms = platforms(wiring, resolved);
    OutwardResult copied;
    try (OciRepository repository =
        OciRepository.writing(target, wiring.transfers().registryAccess(plainHttp))) {
      copied = wiring.transfers().outwardCopy().copy(platforms, repository, target.wanted());
    }
    output.result(
        "copy",
        copied.skipped()
            ? "%s is already in %s".formatted(reference, target)
            : "copied %s to %s (%s sent%s)"
                .formatted(
                    reference,
                    target,
                    Sizes.of(copied.sent()),
                    copied.saved() == 0
                        ? ""
                        : ", %s was there".formatted(Sizes.of(copied.saved()))),
        data -> {
          data.writeStringField("image_ref", reference.toString());
          data.writeStringField("source", resolved.source());
          data.writeStringField("target", target.toString());
          data.writeStringField("digest", copied.digest().toString());
          data.writeNumberField("platforms", copied.platforms());
          data.writeBooleanField("skipped", copied.skipped());
          data.writeNumberField("bytes_sent", copied.sent());
          data.writeNumberField("bytes_saved", copied.saved());
        });
  }

  private void copyIn(Wiring wiring, Output output, RegistryReference source, ImageReference target)
      throws IOException {
    List<Copied> copied = new ArrayList<>();
    try (OciRepository repository =
        OciRepository.reading(source, wiring.transfers().registryAccess(plainHttp))) {
      wiring
          .transfers()
          .inwardCopy()
          .copy(repository, source, target, wantedPlatform(), copied::add);
    }
    List<String> lines = new ArrayList<>();
    copied.forEach(one -> lines.add(describe(one)));
    output.result(
        "copy",
        String.join("\n", lines),
        data -> {
          data.writeStringField("image_ref", target.toString());
          data.writeStringField("source", source.toString());
          data.writeArrayFieldStart("images");
          for (Copied one : copied) {
            data.writeStartObject();
            write(one, data);
            data.writeEndObject();
          }
          data.writeEndArray();
        });
  }

  private static String describe(Copied copied) {
    return switch (copied) {
      case Copied.Pushed it -> PushCommand.describe(it.result());
      case Copied.Known it ->
          "%s is already published in %s, nothing to download"
              .formatted(it.image().key().reference(), it.image().archive());
    };
  }

  private static void write(Copied copied, JsonGenerator data) throws IOException {
    switch (copied) {
      case Copied.Pushed it -> PushCommand.write(it.result(), data);
      case Copied.Known it -> {
        data.writeStringField("image_ref", it.image().key().reference().toString());
        data.writeStringField("s3_key", it.image().archive().value());
        data.writeStringField("checksum", it.image().metadata().checksum());
        data.writeNumberField("size", it.image().metadata().size());
        data.writeBooleanField("skipped", true);
      }
    }
  }

  private Optional<Platform> wantedPlatform() {
    return Optional.ofNullable(platform).map(Platform::parse);
  }
}
