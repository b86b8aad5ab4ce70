package dev.s3dock.cli.image;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.transfer.build.Builder;
import dev.s3dock.transfer.build.Builder.Order;
import dev.s3dock.transfer.push.PushResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "build",
    description = {
      "Build an image of a clean git commit.",
      "It is tagged APP:YYYYMMDD-HHMM-hash after that commit. Refuses a repository with uncommitted"
          + " changes. Prints the reference.",
      "Only files of the commit are sent. What git ignores is not, unless --include names it.",
      "Files are sent with the date of the commit that last changed them, and mode 0755 or 0644:",
      "so every clone builds from the same files. In CI, clone with full history."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock build --push",
      "  s3dock build myapp --context backend --dockerfile Dockerfile.prod --push"
    })
public final class BuildCommand extends Action {
  @Parameters(
      arity = "0..1",
      paramLabel = "APP",
      description =
          "Name of the app (default: `app` of the configuration, else the name of the repository:"
              + " of its origin, or of its folder).")
  @Nullable String app;

  @Option(
      names = {"-f", "--dockerfile"},
      paramLabel = "FILE",
      description =
          "Dockerfile, relative to the current folder or to CONTEXT (default: CONTEXT/Dockerfile).")
  @Nullable Path dockerfile;

  @Option(
      names = "--context",
      paramLabel = "DIR",
      description = "Folder that is sent to the engine (default: the current folder).")
  Path context = Path.of("");

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Platform to build for, such as linux/arm64 (default: the engine's).")
  @Nullable String platform;

  @Option(
      names = "--build-arg",
      paramLabel = "KEY=VALUE",
      description = "Build argument; may be given several times.")
  Map<String, String> buildArgs = new LinkedHashMap<>();

  @Option(
      names = "--include",
      paramLabel = "PATTERN",
      description = {
        "Also send files that git ignores, such as target/*.jar; may be given several times.",
        "Patterns are those of .dockerignore. A label of the image lists them; one that includes"
            + " nothing is told."
      })
  List<String> include = new ArrayList<>();

  @Option(
      names = "--worktree",
      description = {
        "Send all that docker would, also what git ignores, but never .git or s3dock.json5."
      })
  boolean worktree;

  @Option(names = "--target", paramLabel = "STAGE", description = "Stage to build.")
  @Nullable String target;

  @Option(names = "--no-cache", description = "Run every step again, without the build cache.")
  boolean noCache;

  @Option(names = "--push", description = "Push the image after the build.")
  boolean push;

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    Path folder = root().process().workingDirectory().resolve(context).normalize();
    if (!Files.isDirectory(folder)) {
      throw new UsageException("the build context does not exist: " + folder);
    }
    AppName name = name(wiring, folder);
    Order order =
        new Order(
            name,
            folder,
            dockerfile(folder),
            Optional.ofNullable(platform).map(Platform::parse),
            buildArgs,
            Optional.ofNullable(target),
            noCache,
            included(wiring, name),
            worktree,
            wiring.file().path());
    ImageReference reference =
        new Builder(wiring.engine(), wiring.transfers().progress(), wiring::warn)
            .build(order, root().quiet ? OutputStream.nullOutputStream() : root().process().err());
    Optional<PushResult> pushed =
        push
            ? Optional.of(
                wiring
                    .transfers()
                    .pusher(false)
                    .push(reference, wiring.engine(), reference.toString()))
            : Optional.empty();
    pushed.ifPresent(p -> wiring.note(PushCommand.describe(p)));
    output.result(
        "build",
        reference.toString(),
        data -> {
          data.writeStringField("image_tag", reference.toString());
          data.writeStringField("app_name", name.value());
          data.writeStringField("git_hash", reference.hash());
          data.writeStringField("git_time", reference.stamp().value());
          if (pushed.isPresent()) {
            data.writeObjectFieldStart("push");
            PushCommand.write(pushed.get(), data);
            data.writeEndObject();
          }
        });
  }

  private AppName name(Wiring wiring, Path folder) {
    if (app != null) {
      return new AppName(app);
    }
    return names(wiring).standard().orElseGet(() -> Builder.nameOfRepository(folder));
  }

  private List<String> included(Wiring wiring, AppName name) {
    List<String> patterns = new ArrayList<>(wiring.included(name));
    patterns.addAll(include);
    return patterns;
  }

  private Path dockerfile(Path folder) {
    if (dockerfile == null) {
      return existing(folder.resolve("Dockerfile"));
    }
    Path fromHere = root().process().workingDirectory().resolve(dockerfile).normalize();
    return Files.exists(fromHere) ? fromHere : existing(folder.resolve(dockerfile).normalize());
  }

  private static Path existing(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UsageException("no Dockerfile at " + file + "; name one with --dockerfile");
    }
    return file;
  }
}
