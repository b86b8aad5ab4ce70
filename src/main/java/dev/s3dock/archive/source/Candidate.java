package dev.s3dock.archive.source;

import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.image.Digest;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One of the images that a source offers.
 *
 * @param names the source gives it, as they stand there
 * @param layers from the base up; a repeated layer appears again
 */
record Candidate(ImageConfig config, SortedSet<String> names, List<StoredLayer> layers) {
  /**
   * Where a layer is.
   *
   * @param path in the source
   * @param storedSize bytes it must have there, if the source says so
   */
  record StoredLayer(String path, Optional<Long> storedSize) {}

  Candidate {
    names = Collections.unmodifiableSortedSet(new TreeSet<>(names));
    layers = List.copyOf(layers);
  }

  /** The same image under more names. */
  Candidate withNames(Collection<String> more) {
    SortedSet<String> all = new TreeSet<>(names);
    all.addAll(more);
    return new Candidate(config, all, layers);
  }

  /** Digest by which two offers are the same image. */
  Digest id() {
    return config.digest();
  }

  /**
   * True if one of its names is this reference, with or without Docker's default prefix, or its
   * tag: OCI tools keep no more.
   */
  boolean isNamed(String reference) {
    return names.contains(reference)
        || names.contains(reference.substring(reference.lastIndexOf(':') + 1))
        || names.contains("docker.io/library/" + reference)
        || names.contains("docker.io/" + reference)
        || names.contains("localhost/" + reference);
  }

  /** What a message lists. */
  String describe() {
    String shown = names.isEmpty() ? id().toString() : String.join(", ", names);
    return shown + " (" + config.platform() + ")";
  }
}
