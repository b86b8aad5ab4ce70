package dev.s3dock.archive.source;

import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import dev.s3dock.image.Printable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Which image of a source is meant. */
record Selection(Optional<String> reference, Optional<Platform> platform) {
  static final Selection ANY = new Selection(Optional.empty(), Optional.empty());

  /**
   * The one image that is meant. A name decides only if an image has it, since a source of one
   * image may call it what it likes; a platform always decides.
   *
   * @param source how messages call it
   */
  Candidate choose(List<Candidate> offered, String source) throws UnsuitableImageException {
    Collection<Candidate> images = merge(offered);
    List<Candidate> named =
        only(images, image -> reference.isPresent() && image.isNamed(reference.get()));
    Collection<Candidate> meant = named.isEmpty() ? images : named;
    if (images.isEmpty()) {
      throw new UnsuitableImageException(source + " holds no complete image");
    }
    if (named.isEmpty() && meant.stream().map(Candidate::names).distinct().count() > 1) {
      throw unsuitable(
          source, "it holds several images, none of them with the requested name", meant);
    }
    List<Candidate> running =
        only(meant, image -> platform.isEmpty() || runsOn(image, platform.get()));
    if (running.size() == 1) {
      return running.getFirst();
    }
    throw running.isEmpty()
        ? unsuitable(source, "it holds no image for " + platform.orElseThrow(), meant)
        : unsuitable(source, "it holds several images; choose one by name or platform", running);
  }

  private static boolean runsOn(Candidate image, Platform wanted) {
    Platform has = image.config().platform();
    return has.equals(wanted)
        || (wanted.variant().isEmpty()
            && has.os().equals(wanted.os())
            && has.architecture().equals(wanted.architecture()));
  }

  private static List<Candidate> only(Collection<Candidate> images, Predicate<Candidate> test) {
    return images.stream().filter(test).toList();
  }

  /** The same image under several names is one image. */
  private static Collection<Candidate> merge(List<Candidate> offered) {
    Map<Digest, Candidate> images = new LinkedHashMap<>();
    for (Candidate candidate : offered) {
      images.merge(candidate.id(), candidate, (first, second) -> first.withNames(second.names()));
    }
    return images.values();
  }

  private static UnsuitableImageException unsuitable(
      String source, String problem, Collection<Candidate> images) {
    String list =
        images.stream()
            .map(image -> Printable.of(image.describe()))
            .collect(Collectors.joining("; "));
    return new UnsuitableImageException(source + ": " + problem + "; there is: " + list);
  }
}
