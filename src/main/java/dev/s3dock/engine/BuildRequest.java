package dev.s3dock.engine;

import dev.s3dock.image.Platform;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What to build.
 *
 * @param context the folder whose files the build may use
 * @param dockerfile the Dockerfile, inside of the context or not
 * @param reference the tag that the image gets
 * @param platform what to build for; the engine's own platform if empty
 * @param buildArgs values of the Dockerfile's {@code ARG}s; they may be secret and are never logged
 * @param target the stage to build; the last one if empty
 * @param noCache whether to run every step anew
 * @param labels labels to add to the image
 * @param selection which files of the context may be sent
 * @param dates of the files. Everything is sent with these, owned by root, with mode 0755 if its
 *     owner may execute it and 0644 if not: what a clone's disk says of them depends on when and by
 *     whom it was made
 */
public record BuildRequest(
    Path context,
    Path dockerfile,
    String reference,
    Optional<Platform> platform,
    Map<String, String> buildArgs,
    Optional<String> target,
    boolean noCache,
    Map<String, String> labels,
    ContextSelection selection,
    SourceDates dates) {
  public BuildRequest {
    buildArgs = Collections.unmodifiableMap(new LinkedHashMap<>(buildArgs));
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /** The same build with every step run anew. */
  public BuildRequest withoutCache() {
    return new BuildRequest(
        context,
        dockerfile,
        reference,
        platform,
        buildArgs,
        target,
        true,
        labels,
        selection,
        dates);
  }

  /** Leaves out the build arguments' values, which may be secret. */
  @Override
  public String toString() {
    return "BuildRequest[reference=%s, context=%s, dockerfile=%s, platform=%s, target=%s]"
        .formatted(reference, context, dockerfile, platform, target);
  }
}
