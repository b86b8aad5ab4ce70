package dev.s3dock.archive.source;

import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import java.util.List;

/**
 * What an image source holds, verified.
 *
 * @param imageId digest of the image config
 * @param diffIds of the layers from the base up; a repeated layer appears again
 * @param references names that the source gives the image, as they stand there; may be empty
 */
public record ImageSummary(
    Digest imageId, Platform platform, List<Digest> diffIds, List<String> references) {
  public ImageSummary {
    diffIds = List.copyOf(diffIds);
    references = List.copyOf(references);
  }
}
