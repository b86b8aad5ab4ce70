package dev.s3dock.cli.bucket;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.TaggedName;
import dev.s3dock.registry.Catalog;
import dev.s3dock.verify.Verifier;
import dev.s3dock.verify.Verifier.Start;
import java.util.List;
import java.util.Optional;

/**
 * Something to verify.
 *
 * @param word an environment, a version or the stamp-hash of an image; empty for all of the app
 */
record VerifyTarget(AppName app, Optional<String> word) {
  /** Reads {@code APP}, {@code APP:WORD}, or the same with a registry and a path before it. */
  static VerifyTarget parse(String text) {
    if (!TaggedName.isIn(text)) {
      return new VerifyTarget(
          new AppName(text.substring(text.lastIndexOf('/') + 1)), Optional.empty());
    }
    TaggedName named = TaggedName.parse(text);
    return new VerifyTarget(named.app(), Optional.of(named.tag()));
  }

  /**
   * Reads what a user has named: an app and a word beside it, as other commands take them, is one
   * target, unless the word is an app too.
   */
  static List<VerifyTarget> parse(List<String> names, Catalog catalog) {
    boolean pair =
        names.size() == 2
            && names.stream().noneMatch(name -> name.contains(":"))
            && !(AppName.isValid(names.getLast())
                && catalog.apps().contains(new AppName(names.getLast())));
    return pair
        ? List.of(parse(names.getFirst() + ":" + names.getLast()))
        : names.stream().map(VerifyTarget::parse).toList();
  }

  void verify(Verifier verifier, Optional<Start> start) {
    if (word.isEmpty()) {
      verifier.app(app, start);
      return;
    }
    Optional<ImageReference> image = ImageReference.ofTag(app, word.get());
    if (image.isPresent()) {
      verifier.image(image.get());
    } else {
      verifier.target(app, word.get());
    }
  }
}
