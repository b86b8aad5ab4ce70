package dev.s3dock.store.file;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Asks a folder: its rights, its locks, and the clock of the file system, which may be remote. */
final class FileCapabilities implements StoreCapabilities {
  private static final ETag NO_STATE = new ETag("0-0");

  private final FileObjectStore store;
  private final Path root;
  private final FileLayout layout;

  FileCapabilities(FileObjectStore store, Path root, FileLayout layout) {
    this.store = store;
    this.root = root;
    this.layout = layout;
  }

  @Override
  public Greeting greet() {
    if (!Files.isReadable(root) || !Files.isExecutable(root)) {
      return new Greeting(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of(
              new StoreException(
                  Kind.ACCESS_DENIED,
                  "cannot list %s: permission denied; give this user read access to the folder"
                      .formatted(root))));
    }
    return new Greeting(Optional.empty(), Optional.empty(), clock(), Optional.empty());
  }

  /** The time that the file system gives to a new file; empty where none may be made. */
  private Optional<Instant> clock() {
    try (TempFile file = store.temps().create()) {
      return Optional.of(file.state().modified());
    } catch (IOException e) {
      return Optional.empty(); // whether writing is needed is not asked here
    }
  }

  @Override
  public String credentials() {
    return "this user's rights on the folder";
  }

  @Override
  public boolean honours(Condition condition, ObjectStat object) {
    try {
      switch (condition) {
        case WRITE_IF_ABSENT -> store.put(object.key(), new byte[] {2}, Precondition.ifAbsent());
        case WRITE_IF_MATCH ->
            store.put(object.key(), new byte[] {2}, Precondition.ifMatch(NO_STATE));
        case READ_IF_MATCH -> {
          try (InputStream in = store.read(object.key(), new ByteRange(0, 1), NO_STATE)) {
            in.readAllBytes();
          }
        }
        case DELETE_IF_MATCH -> {
          return false; // a folder's delete has no condition
        }
      }
      return false;
    } catch (StoreException e) {
      if (e.kind() == Kind.PRECONDITION_FAILED) {
        return true;
      }
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean tryWriting(ObjectKey absent) {
    Path folder = FileLayout.parentOf(layout.pathOf(absent));
    while (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !folder.equals(root)) {
      folder = FileLayout.parentOf(folder);
    }
    if (!Files.isWritable(folder)) {
      throw new StoreException(
          Kind.ACCESS_DENIED,
          "cannot write %s: %s is not writable; give this user write access to it"
              .formatted(absent, folder));
    }
    return true;
  }

  @Override
  public void tryAborting(ObjectKey key) {
    try (MultipartUpload upload = store.startUpload(key)) {
      upload.uploadPart(1, new byte[1], 0, 1);
    }
  }

  @Override
  public Optional<Path> folder() {
    return Optional.of(root);
  }
}
