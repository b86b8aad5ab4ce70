package dev.s3dock.registry.gc;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.UnfinishedUpload;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Something that cleanup removes, as a listing has it. */
public sealed interface Removal {
  /** What a user calls it: a reference, or a key. */
  String name();

  /** Why it goes. */
  String reason();

  /** The space that it takes, in bytes; 0 where a store does not tell. */
  long bytes();

  /** The commit that it is of, where it is of one. */
  Optional<ImageReference> image();

  private static long sum(List<ObjectStat> objects) {
    return objects.stream().mapToLong(ObjectStat::size).sum();
  }

  /**
   * A published image.
   *
   * @param platforms the metadata of each, that of the plain name first
   * @param archives of all of them
   */
  record OfImage(
      ImageReference reference, List<Platform> platforms, List<ObjectStat> archives, String reason)
      implements Removal {
    public OfImage {
      platforms = List.copyOf(platforms);
      archives = List.copyOf(archives);
    }

    /** One platform of an image. */
    public record Platform(ImageKey key, ObjectStat metadata) {}

    @Override
    public String name() {
      return reference.toString();
    }

    @Override
    public long bytes() {
      return sum(archives) + platforms.stream().mapToLong(p -> p.metadata().size()).sum();
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.of(reference);
    }
  }

  /** An archive that no metadata describes. */
  record OfOrphan(ImageKey key, ObjectStat archive, String reason) implements Removal {
    @Override
    public String name() {
      return archive.key().value();
    }

    @Override
    public long bytes() {
      return archive.size();
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.of(key.reference());
    }
  }

  /** What a cleanup has left in the place of metadata when it removed an archive without any. */
  record OfMark(ImageKey key, ObjectStat metadata) implements Removal {
    @Override
    public String name() {
      return metadata.key().value();
    }

    @Override
    public String reason() {
      return "a cleanup had removed its archive";
    }

    @Override
    public long bytes() {
      return metadata.size();
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.empty();
    }
  }

  /** An image that was replaced: its archive, its metadata, or both. */
  record OfReplaced(ImageReference reference, List<ObjectStat> objects, String reason)
      implements Removal {
    public OfReplaced {
      objects = List.copyOf(objects);
    }

    @Override
    public String name() {
      return objects.getFirst().key().value();
    }

    @Override
    public long bytes() {
      return sum(objects);
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.of(reference);
    }
  }

  /** An object that a push needed for a moment. */
  record OfTemporary(ObjectStat object, String reason) implements Removal {
    @Override
    public String name() {
      return object.key().value();
    }

    @Override
    public long bytes() {
      return object.size();
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.empty();
    }
  }

  /**
   * What leads from the digest of a manifest to images.
   *
   * @param gone those of them that are not there, or have another manifest
   * @param whole true if these are all that it leads to, so that it goes; else they are taken out
   */
  record OfManifest(
      ObjectStat object, AppName app, Digest digest, List<ImageKey> gone, boolean whole)
      implements Removal {
    public OfManifest {
      gone = List.copyOf(gone);
    }

    @Override
    public String name() {
      return object.key().value();
    }

    @Override
    public String reason() {
      return whole
          ? "no image has this manifest"
          : "no longer the manifest of "
              + gone.stream()
                  .map(image -> image.reference().toString())
                  .collect(Collectors.joining(", "));
    }

    @Override
    public long bytes() {
      return whole ? object.size() : 0;
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.empty();
    }
  }

  /**
   * What hosts have marked of a rollout that is over.
   *
   * @param target 16 hex digits
   * @param marks how many there are
   */
  record OfRollout(AppName app, Environment environment, String target, int marks, long bytes)
      implements Removal {
    @Override
    public String name() {
      return BucketLayout.markFolder(app, environment, target);
    }

    @Override
    public String reason() {
      return "%d %s of a rollout that is over".formatted(marks, marks == 1 ? "mark" : "marks");
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.empty();
    }
  }

  /** An upload that was begun and neither completed nor aborted. */
  record OfUpload(UnfinishedUpload upload, String reason) implements Removal {
    @Override
    public String name() {
      return "upload of " + key();
    }

    /** What would have become of it. */
    public ObjectKey key() {
      return upload.key();
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public Optional<ImageReference> image() {
      return Optional.empty();
    }
  }
}
