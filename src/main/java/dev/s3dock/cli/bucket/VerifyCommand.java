package dev.s3dock.cli.bucket;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.JsonRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.VerifyText;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.verify.Finding;
import dev.s3dock.verify.Finding.Severity;
import dev.s3dock.verify.Verifier;
import dev.s3dock.verify.Verifier.Start;
import dev.s3dock.verify.VerifyResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    customSynopsis = {
      "s3dock verify [OPTIONS] REF...",
      "s3dock verify [OPTIONS] APP [ENVIRONMENT|VERSION|stamp-hash]",
      "s3dock verify [OPTIONS] --all"
    },
    description = {
      "Verify what is stored in the bucket.",
      "For each image: the archive exists, has the right size and ETag, and a consistent index. For"
          + " an app, and with --all: versions, environments and hosts' reports lead to published"
          + " images, every audit event can be read, and no leftovers take up space.",
      "One request is made for each metadata, pointer, report and event; archives are not read."
          + " With --deep, every byte of the archives is read, and each chunk, layer, config and"
          + " checksum is verified.",
      "A finding is one of: damage (exit code 5), leftover (not needed, cleanup removes it), note,"
          + " not checked (the store did not return it, exit code 7). Pushes and promotions may run"
          + " at the same time: before verify reports damage, it reads the objects again."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock verify myapp:20250721-2118-f7a5a27 myapp:production --deep",
      "  s3dock verify --all"
    })
public final class VerifyCommand extends Action {
  @Parameters(
      arity = "0..*",
      paramLabel = "REF | APP",
      description =
          "An image, such as myapp:20250721-2118-f7a5a27; an environment or a version of an app"
              + " with its image, such as myapp:v1.2.0; or an app, with everything that belongs to"
              + " it.")
  List<String> targets = new ArrayList<>();

  @Option(names = "--all", description = "Verify every app in the bucket.")
  boolean all;

  @Option(names = "--deep", description = "Also read all bytes of the archives.")
  boolean deep;

  @Option(
      names = "--from",
      paramLabel = "APP[:stamp-hash]",
      description =
          "With --all or one app: start at this app or image, to continue an earlier run, which"
              + " printed it.")
  @Nullable String from;

  @Override
  protected void run(Wiring wiring, Output output) {
    requireSensible();
    Optional<Start> start = start();
    if (!output.isJson()) {
      verify(wiring, start, new VerifyText(root().process())::row, Optional.empty());
      return;
    }
    output.stream(
        "verify",
        data -> {
          data.writeArrayFieldStart("findings");
          verify(
              wiring,
              start,
              finding -> JsonRows.write(() -> write(finding, data)),
              Optional.of(data));
        });
  }

  private void requireSensible() {
    if (all == !targets.isEmpty()) {
      throw new UsageException(
          all
              ? "--all verifies every app; leave out " + Printable.of(targets.getFirst())
              : "name what to verify: images, an app, or --all");
    }
    if (from != null && !all && (targets.size() > 1 || targets.getFirst().contains(":"))) {
      throw new UsageException("--from needs --all or one app");
    }
  }

  private void verify(
      Wiring wiring, Optional<Start> start, Consumer<Finding> rows, Optional<JsonGenerator> data) {
    List<VerifyTarget> parsed = VerifyTarget.parse(targets, wiring.registry().catalog());
    Verifier verifier = wiring.transfers().verifier(deep, rows);
    List<RegistryException> missing = new ArrayList<>();
    Optional<RuntimeException> end = Optional.empty();
    try {
      run(verifier, parsed, start, missing);
    } catch (RuntimeException e) {
      end = Optional.of(e);
    }
    Optional<Start> next = end.flatMap(reason -> verifier.position());
    if (data.isPresent()) {
      JsonRows.write(() -> write(verifier.summary(), next, data.get()));
    } else if (end.isPresent() || all || missing.size() < parsed.size()) {
      VerifyText text = new VerifyText(root().process());
      if (!root().quiet || end.isPresent() || verifier.summary().findsAnything()) {
        text.summary(verifier.summary(), end.isEmpty(), deep);
      }
      next.ifPresent(it -> text.next(it, all, deep));
    }
    verifier.requireSound(end);
    if (!missing.isEmpty()) {
      throw missing.getFirst();
    }
  }

  /** What is not there does not keep the rest from being verified. */
  private void run(
      Verifier verifier,
      List<VerifyTarget> parsed,
      Optional<Start> start,
      List<RegistryException> missing) {
    if (all) {
      verifier.all(start);
    }
    for (VerifyTarget target : parsed) {
      try {
        target.verify(verifier, start);
      } catch (RegistryException e) {
        if (e.kind() != RegistryException.Kind.NOT_FOUND) {
          throw e;
        }
        missing.add(e);
      }
    }
  }

  private Optional<Start> start() {
    if (from == null) {
      return Optional.empty();
    }
    Start start =
        from.contains(":")
            ? of(ImageReference.parse(from))
            : new Start(new AppName(from), Optional.empty());
    if (!all && !start.app().value().equals(targets.getFirst())) {
      throw new UsageException(
          "--from %s does not belong to the app %s"
              .formatted(start, Printable.of(targets.getFirst())));
    }
    return Optional.of(start);
  }

  private static Start of(ImageReference image) {
    return new Start(image.app(), Optional.of(image));
  }

  private static void write(Finding finding, JsonGenerator data) throws IOException {
    data.writeStartObject();
    data.writeStringField("severity", name(finding.severity()));
    data.writeStringField("key", finding.key());
    data.writeStringField("problem", finding.problem());
    data.writeStringField("remedy", finding.remedy());
    data.writeEndObject();
    data.flush();
  }

  private static String name(Severity severity) {
    return severity.name().toLowerCase(Locale.ROOT);
  }

  private static void write(VerifyResult summary, Optional<Start> next, JsonGenerator data)
      throws IOException {
    data.writeEndArray();
    data.writeNumberField("images", summary.images());
    data.writeNumberField("bytes", summary.bytes());
    data.writeNumberField("bytes_read", summary.bytesRead());
    data.writeNumberField("pointers", summary.pointers());
    data.writeNumberField("reports", summary.reports());
    data.writeNumberField("events", summary.events());
    data.writeNumberField("damaged", summary.damaged());
    data.writeNumberField("left_over", summary.leftOver());
    data.writeNumberField("notes", summary.notes());
    data.writeNumberField("not_checked", summary.notChecked());
    data.writeStringField("from", next.map(Start::toString).orElse(""));
  }
}
