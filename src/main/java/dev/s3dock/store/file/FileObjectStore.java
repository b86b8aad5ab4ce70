package dev.s3dock.store.file;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.Reread;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.StoredObject;
import dev.s3dock.store.UnfinishedUpload;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A folder as a store: the object {@code images/a.json} is the file {@code images/a.json}. Writes
 * go to a temporary file that is renamed, so an object is never half there, not even after a crash;
 * preconditions are checked under a lock that other processes on the same file system respect.
 *
 * <p>Unlike in S3, a key cannot be both an object and the folder of others, and a segment of a key
 * may be as long as the file system's names, mostly 255 bytes.
 */
public final class FileObjectStore implements ObjectStore {
  private static final int PAGE = 10_000;
  private static final int TRIES = 100;
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(60);

  private final Path root;
  private final FileLayout layout;
  private final FileWrites writes;
  private final TempFiles temps;
  private final int pageSize;

  FileObjectStore(FileLayout layout, int pageSize) {
    this.root = layout.root();
    this.layout = layout;
    this.writes = new FileWrites(layout, new FileLocks(layout, LOCK_PATIENCE));
    this.temps = new TempFiles(layout);
    this.pageSize = pageSize;
  }

  /**
   * Opens the folder, and makes it if it is not there.
   *
   * @throws StoreException {@link Kind#NO_BUCKET} if the path is no folder and cannot become one
   */
  public static FileObjectStore open(Path root) {
    try {
      Files.createDirectories(root);
      return new FileObjectStore(new FileLayout(root.toRealPath()), PAGE);
    } catch (IOException e) {
      throw new StoreException(
          Kind.NO_BUCKET, root + " is not a folder and cannot be created; name a folder", e);
    }
  }

  /**
   * Opens a folder that is there.
   *
   * @throws StoreException {@link Kind#NO_BUCKET} if it is not, or is no folder
   */
  public static FileObjectStore openExisting(Path root) {
    if (Files.notExists(root)) {
      throw new StoreException(
          Kind.NO_BUCKET,
          "there is no folder %s; check its name: the first push creates it".formatted(root));
    }
    return open(root);
  }

  /** Asks the folder for what an examination wants to know. */
  public StoreCapabilities probe() {
    return new FileCapabilities(this, root, layout);
  }

  TempFiles temps() {
    return temps;
  }

  @Override
  public Optional<ObjectStat> head(ObjectKey key) {
    return translating("read " + key, () -> layout.state(key).map(state -> state.stat(key)));
  }

  @Override
  public Optional<StoredObject> get(ObjectKey key, int limit) {
    return translating(
        "read " + key,
        () -> {
          Optional<OpenFile> found = openFile(key);
          if (found.isEmpty()) {
            return Optional.empty();
          }
          try (OpenFile file = found.get()) {
            return Optional.of(readWhole(key, file, limit));
          }
        });
  }

  @Override
  public Reread reread(ObjectKey key, int limit, ETag known) {
    return translating(
        "read " + key,
        () -> {
          Optional<OpenFile> found = openFile(key);
          if (found.isEmpty()) {
            return new Reread.Gone();
          }
          try (OpenFile file = found.get()) {
            return file.state().etag().equals(known)
                ? new Reread.Same()
                : new Reread.Other(readWhole(key, file, limit));
          }
        });
  }

  private static StoredObject readWhole(ObjectKey key, OpenFile file, int limit)
      throws IOException {
    if (file.state().size() > limit) {
      throw new StoreException(
          Kind.TOO_LARGE,
          "%s has %d bytes, more than the %d allowed for its kind"
              .formatted(key, file.state().size(), limit));
    }
    try (InputStream in = new ChannelRange(file.channel(), 0, file.state().size())) {
      return new StoredObject(key, in.readAllBytes(), file.state().etag());
    }
  }

  /** A file that stays open on one state of an object. */
  private record OpenFile(FileState state, FileChannel channel) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /**
   * Opens an object. States never come back, so one that is the same before and after the opening
   * is the one that was opened.
   */
  private Optional<OpenFile> openFile(ObjectKey key) throws IOException {
    Path name = FileLayout.nameOf(key);
    for (int i = 0; i < TRIES; i++) {
      Optional<Folder> found = layout.openFolderOf(key);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try (Folder folder = found.get()) {
        Optional<FileState> before = FileState.of(folder, name);
        if (before.isEmpty()) {
          return Optional.empty();
        }
        FileChannel channel = folder.open(name, Set.of(StandardOpenOption.READ));
        if (FileState.of(folder, name).equals(before)) {
          return Optional.of(new OpenFile(before.get(), channel));
        }
        channel.close();
      } catch (NoSuchFileException e) {
        // deleted meanwhile, or about to be written again
      }
    }
    throw new StoreException(Kind.UNAVAILABLE, key + " keeps changing; try again");
  }

  @Override
  public InputStream read(ObjectKey key, ByteRange range, ETag etag) {
    return translating("read " + key, () -> openRange(key, range, etag));
  }

  // the stream owns the channel
  private InputStream openRange(ObjectKey key, ByteRange range, ETag etag) throws IOException {
    OpenFile file = openFile(key).orElseThrow(() -> notFound(key));
    boolean handedOn = false;
    try {
      if (!file.state().etag().equals(etag)) {
        throw FileWrites.changed(key);
      }
      if (range.end() > file.state().size()) {
        throw new StoreException(
            Kind.FAILED,
            "%s has %d bytes, not the %d asked for"
                .formatted(key, file.state().size(), range.end()));
      }
      InputStream in = new ChannelRange(file.channel(), range.offset(), range.length());
      handedOn = true;
      return in;
    } finally {
      if (!handedOn) {
        file.close();
      }
    }
  }

  @Override
  public ETag put(ObjectKey key, byte[] content, Precondition precondition) {
    return translating(
        "write " + key,
        () -> {
          try (TempFile file = temps.create()) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
              file.channel().write(bytes);
            }
            return writes.replace(key, file, precondition);
          }
        });
  }

  /** A copy is made at the end in any case, and parts in order are written where they belong. */
  @Override
  public boolean worksAhead() {
    return false;
  }

  @Override
  public MultipartUpload startUpload(ObjectKey key) {
    layout.pathOf(key);
    return translating(
        "start the upload of " + key,
        () -> {
          TempFile file = temps.create();
          temps.sweep(file);
          return new FileUpload(this, writes, key, file);
        });
  }

  @Override
  public ETag copy(ObjectStat from, ObjectKey to) {
    return translating(
        "copy " + from.key() + " to " + to,
        () -> {
          try (FileChannel source = open(from);
              TempFile file = temps.create()) {
            FileUpload.append(source, 0, from.size(), file.channel());
            return writes.replace(to, file, Precondition.none());
          }
        });
  }

  /** Opens one state of an object; the caller closes it. */
  FileChannel open(ObjectStat from) throws IOException {
    OpenFile source = openFile(from.key()).orElseThrow(() -> notFound(from.key()));
    if (!source.state().etag().equals(from.etag())) {
      source.close();
      throw FileWrites.changed(from.key());
    }
    return source.channel();
  }

  @Override
  public void delete(ObjectKey key) {
    translating(
        "delete " + key,
        () -> {
          writes.remove(key);
          return key;
        });
  }

  /** None: a later upload sweeps away what was left, see {@link TempFiles#sweep}. */
  @Override
  public Stream<UnfinishedUpload> unfinishedUploads(String prefix) {
    return Stream.empty();
  }

  @Override
  public void abort(UnfinishedUpload upload) {
    // it was swept away
  }

  @Override
  public Stream<ObjectStat> list(String prefix) {
    FileListing listing = new FileListing(layout, prefix, pageSize);
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(
            listing, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT),
        false);
  }

  @Override
  public Stream<String> listFolders(String prefix) {
    if (!prefix.isEmpty() && !prefix.endsWith("/")) {
      throw new IllegalArgumentException("a prefix of folders ends in a slash: " + prefix);
    }
    return FileListing.namesAt(layout, prefix, pageSize).stream()
        .flatMap(FolderNames::rest)
        .map(FolderNames.Entry::key)
        .filter(key -> key.endsWith("/") && new FileListing(layout, key, pageSize).hasNext())
        .map(key -> key.substring(prefix.length(), key.length() - 1));
  }

  @Override
  public String describe() {
    return "file://" + root;
  }

  @Override
  public void close() {
    // nothing is held open
  }

  /** Runs what touches the file system, and turns its errors into the port's. */
  <T> T translating(String doing, FileLocks.Action<T> action) {
    try {
      return action.run();
    } catch (IOException e) {
      throw FileErrors.translate(e, doing, root);
    }
  }

  private StoreException notFound(ObjectKey key) {
    return new StoreException(Kind.NOT_FOUND, "there is no " + key + " in " + describe());
  }
}
