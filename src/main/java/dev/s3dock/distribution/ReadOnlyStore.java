package dev.s3dock.distribution;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import dev.s3dock.store.UnfinishedUpload;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A store that only reads, and tells how long that took. Closing it closes nothing. */
public final class ReadOnlyStore implements ObjectStore {
  private final ObjectStore store;
  private final Watch watch;

  /** Is told of each request, by several threads. */
  @FunctionalInterface
  public interface Watch {
    /**
     * A request was answered.
     *
     * @param operation {@code head}, {@code get}, {@code read} or {@code list}
     * @param took until the answer began
     */
    void asked(String operation, boolean succeeded, Duration took);
  }

  public ReadOnlyStore(ObjectStore store, Watch watch) {
    this.store = store;
    this.watch = watch;
  }

  private <T> T watched(String operation, Supplier<T> request) {
    long start = System.nanoTime();
    boolean succeeded = false;
    try {
      T answer = request.get();
      succeeded = true;
      return answer;
    } catch (StoreException e) {
      succeeded =
          e.kind() == StoreException.Kind.PRECONDITION_FAILED
              || e.kind() == StoreException.Kind.NOT_FOUND;
      throw e;
    } finally {
      watch.asked(operation, succeeded, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  @Override
  public Optional<ObjectStat> head(ObjectKey key) {
    return watched("head", () -> store.head(key));
  }

  @Override
  public Optional<StoredObject> get(ObjectKey key, int limit) {
    return watched("get", () -> store.get(key, limit));
  }

  @Override
  public InputStream read(ObjectKey key, ByteRange range, ETag etag) {
    return watched("read", () -> store.read(key, range, etag));
  }

  @Override
  public Stream<ObjectStat> list(String prefix) {
    return watched("list", () -> store.list(prefix));
  }

  @Override
  public Stream<String> listFolders(String prefix) {
    return watched("list", () -> store.listFolders(prefix));
  }

  private static UnsupportedOperationException refused() {
    return new UnsupportedOperationException("this store is only read");
  }

  @Override
  public ETag put(ObjectKey key, byte[] content, Precondition precondition) {
    throw refused();
  }

  @Override
  public MultipartUpload startUpload(ObjectKey key) {
    throw refused();
  }

  @Override
  public ETag copy(ObjectStat from, ObjectKey to) {
    throw refused();
  }

  @Override
  public void delete(ObjectKey key) {
    throw refused();
  }

  @Override
  public Stream<UnfinishedUpload> unfinishedUploads(String prefix) {
    throw refused();
  }

  @Override
  public void abort(UnfinishedUpload upload) {
    throw refused();
  }

  @Override
  public String describe() {
    return store.describe();
  }

  @Override
  public void close() {}
}
