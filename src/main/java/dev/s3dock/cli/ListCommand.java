package dev.s3dock.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.BucketLayout.ImageKey;
import dev.s3dock.registry.Catalog.EnvironmentEntry;
import dev.s3dock.registry.Catalog.TagEntry;
import dev.s3dock.registry.Pointer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    description = "List what the bucket holds.",
    subcommands = {
      ListCommand.Apps.class,
      ListCommand.Images.class,
      ListCommand.Tags.class,
      ListCommand.Envs.class,
      ListCommand.TagFor.class
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock list images myapp --month 202507")
final class ListCommand implements Runnable, Action.Group {
  @ParentCommand Object parent = this;
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Object parent() {
    return parent;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name what to list: " + String.join(", ", spec.subcommands().keySet()));
  }

  /** Lets a lambda without checked exceptions write JSON. */
  private interface Row {
    void write() throws IOException;
  }

  private static void write(Row row) {
    try {
      row.write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Command(
      name = "apps",
      description = "The apps, by name.",
      footerHeading = "%nExample:%n",
      footer = "  s3dock list apps")
  static final class Apps extends Action {
    @Override
    void run(Wiring wiring, Output output) {
      List<AppName> apps = wiring.catalog().apps();
      if (output.isJson()) {
        output.stream(
            "list apps",
            data -> {
              data.writeArrayFieldStart("apps");
              for (AppName app : apps) {
                data.writeString(app.value());
              }
              data.writeEndArray();
            });
        return;
      }
      Table table = new Table(root().surroundings(), "APP");
      apps.forEach(app -> table.row(app.value()));
      table.end();
    }
  }

  @Command(
      name = "images",
      description = "The published images of an app, newest commit first.",
      footerHeading = "%nExample:%n",
      footer = "  s3dock list images myapp --month 202507")
  static final class Images extends Action {
    @Parameters(paramLabel = "APP", description = "Name of the app.")
    String app = "";

    @Option(
        names = "--month",
        paramLabel = "YYYYMM",
        description = "Only what is filed under this month.")
    @Nullable String month;

    @Override
    void run(Wiring wiring, Output output) {
      AppName name = new AppName(app);
      if (month != null && !month.matches("\\d{6}")) {
        throw new UsageException("--month is YYYYMM, such as 202507, not " + Printable.of(month));
      }
      if (output.isJson()) {
        output.stream("list images", data -> writeAll(wiring, name, data));
        return;
      }
      Table table = new Table(root().surroundings(), "IMAGE", "MONTH", "PLATFORM");
      long count =
          wiring
              .catalog()
              .images(
                  name,
                  Optional.ofNullable(month),
                  image ->
                      table.row(
                          image.reference().toString(),
                          image.month(),
                          image.platform().orElse("")));
      table.end();
      requireSome(wiring, name, count);
    }

    private void writeAll(Wiring wiring, AppName name, JsonGenerator data) throws IOException {
      data.writeStringField("app_name", name.value());
      data.writeStringField("year_month", month == null ? "" : month);
      data.writeArrayFieldStart("images");
      long count =
          wiring
              .catalog()
              .images(
                  name, Optional.ofNullable(month), image -> write(() -> writeOne(image, data)));
      requireSome(wiring, name, count);
      data.writeEndArray();
    }

    private static void writeOne(ImageKey image, JsonGenerator data) throws IOException {
      data.writeStartObject();
      data.writeStringField("app_name", image.reference().app().value());
      data.writeStringField("tag", image.reference().tag());
      data.writeStringField("s3_path", image.archive().value());
      data.writeStringField("year_month", image.month());
      data.writeEndObject();
    }

    private static void requireSome(Wiring wiring, AppName name, long count) {
      if (count == 0) {
        wiring.catalog().requireApp(name);
      }
    }
  }

  @Command(
      name = "tags",
      description = "The versions of an app, highest first.",
      footerHeading = "%nExample:%n",
      footer = "  s3dock list tags myapp")
  static final class Tags extends Action {
    @Parameters(paramLabel = "APP", description = "Name of the app.")
    String app = "";

    @Override
    void run(Wiring wiring, Output output) {
      AppName name = new AppName(app);
      wiring.catalog().requireApp(name);
      if (output.isJson()) {
        output.stream(
            "list tags",
            data -> {
              data.writeStringField("app_name", name.value());
              data.writeArrayFieldStart("tags");
              wiring.catalog().tags(name, entry -> write(() -> writeOne(name, entry, data)));
              data.writeEndArray();
            });
        return;
      }
      Table table = new Table(root().surroundings(), "VERSION", "IMAGE");
      wiring
          .catalog()
          .tags(
              name,
              entry ->
                  entry
                      .pointer()
                      .ifPresent(p -> table.row(entry.version().value(), image(wiring, p))));
      table.end();
    }

    private static void writeOne(AppName app, TagEntry entry, JsonGenerator data)
        throws IOException {
      if (entry.pointer().isEmpty()) {
        return;
      }
      data.writeStartObject();
      data.writeStringField("app_name", app.value());
      data.writeStringField("version", entry.version().value());
      data.writeStringField("target_image", entry.pointer().get().sourceImage());
      data.writeStringField("s3_path", entry.pointer().get().key().value());
      data.writeEndObject();
    }
  }

  /** What a pointer leads to, as the store says now; the pointer's own word where that fails. */
  private static String image(Wiring wiring, Pointer pointer) {
    return switch (pointer.target()) {
      case Pointer.Target.OfImage of -> of.image().reference().toString();
      case Pointer.Target.OfVersion of -> wiring.pointers().follow(pointer).reference().toString();
    };
  }

  @Command(
      name = "envs",
      description = "The environments of an app and what each is at.",
      footerHeading = "%nExample:%n",
      footer = "  s3dock list envs myapp")
  static final class Envs extends Action {
    @Parameters(paramLabel = "APP", description = "Name of the app.")
    String app = "";

    @Override
    void run(Wiring wiring, Output output) {
      AppName name = new AppName(app);
      wiring.catalog().requireApp(name);
      if (output.isJson()) {
        output.stream(
            "list envs",
            data -> {
              data.writeStringField("app_name", name.value());
              data.writeArrayFieldStart("environments");
              wiring
                  .catalog()
                  .environments(name, entry -> write(() -> writeOne(name, entry, data)));
              data.writeEndArray();
            });
        return;
      }
      Table table = new Table(root().surroundings(), "ENVIRONMENT", "IMAGE", "VERSION");
      wiring
          .catalog()
          .environments(
              name,
              entry ->
                  entry
                      .pointer()
                      .ifPresent(
                          p ->
                              table.row(
                                  entry.environment().value(),
                                  image(wiring, p),
                                  Printable.of(p.sourceTag()))));
      table.end();
    }

    private static void writeOne(AppName app, EnvironmentEntry entry, JsonGenerator data)
        throws IOException {
      if (entry.pointer().isEmpty()) {
        return;
      }
      Pointer pointer = entry.pointer().get();
      data.writeStartObject();
      data.writeStringField("app_name", app.value());
      data.writeStringField("environment", entry.environment().value());
      data.writeStringField("target_type", pointer.targetType());
      data.writeStringField("target_path", pointer.target().key().value());
      data.writeStringField("source_tag", pointer.sourceTag());
      data.writeStringField("source_image", pointer.sourceImage());
      data.writeEndObject();
    }
  }

  @Command(
      name = "tag-for",
      description = {
        "Print the version that an environment was promoted by; nothing if it was an image."
      },
      footerHeading = "%nExample:%n",
      footer = "  s3dock list tag-for myapp production")
  static final class TagFor extends Action {
    @Parameters(paramLabel = "APP", description = "Name of the app.")
    String app = "";

    @Parameters(paramLabel = "ENVIRONMENT", description = "Such as production.")
    String environment = "";

    @Override
    void run(Wiring wiring, Output output) {
      AppName name = new AppName(app);
      Environment where = new Environment(environment);
      Pointer pointer =
          wiring
              .pointers()
              .find(name, where)
              .orElseThrow(() -> wiring.catalog().noEnvironment(name, where));
      Optional<String> version =
          pointer.target() instanceof Pointer.Target.OfVersion of
              ? Optional.of(of.version().value())
              : Optional.empty();
      if (version.isEmpty() && !output.isJson()) {
        wiring.note("%s of %s was promoted by image, not by version".formatted(where, name));
        return;
      }
      output.result(
          "list tag-for",
          version.orElse(""),
          data -> {
            data.writeStringField("app_name", name.value());
            data.writeStringField("environment", where.value());
            data.writeStringField("tag", version.orElse(""));
            data.writeBooleanField("direct", version.isEmpty());
          });
    }
  }
}
