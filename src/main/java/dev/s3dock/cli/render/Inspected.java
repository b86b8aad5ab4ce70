package dev.s3dock.cli.render;

import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Resolver.Resolved;
import dev.s3dock.registry.reference.Referrers.Found;
import dev.s3dock.transfer.pull.Inspector.Details;
import java.util.List;

/**
 * All that is known of an image.
 *
 * @param platforms at least one
 */
public record Inspected(Resolved resolved, List<Details> platforms, Found referrers) {
  public Inspected {
    platforms = List.copyOf(platforms);
  }

  ImageReference image() {
    return resolved.image().key().reference();
  }
}
