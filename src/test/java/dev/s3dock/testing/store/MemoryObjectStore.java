package dev.s3dock.testing.store;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.StoredObject;
import dev.s3dock.store.UnfinishedUpload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A store in memory, as strict as Amazon S3 and the same in every run: tokens count up, and its
 * clock moves a second with every write unless the test brings one.
 *
 * <p>{@link #before} runs a test's own step right before an operation takes effect, on the same
 * thread: that is how one client is put between two steps of another.
 */
public final class MemoryObjectStore implements ObjectStore {
  /** The operations of the port that reach the store. */
  public enum Operation {
    HEAD,
    GET,
    READ,
    PUT,
    START_UPLOAD,
    COMPLETE_UPLOAD,
    UPLOAD_PART,
    COPY_PART,
    COPY,
    DELETE,
    LIST
  }

  /** What a test does before an operation; a list's key is its prefix, as text. */
  @FunctionalInterface
  public interface Hook {
    void before(Operation operation, String key);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record State(byte[] content, ETag etag, Instant modified) {}

  private final TreeMap<ObjectKey, State> objects = new TreeMap<>();
  private final Supplier<Instant> clock;
  private Hook hook = (operation, key) -> {};
  private long writes;
  private final Map<String, UnfinishedUpload> unfinished = new TreeMap<>();
  private long uploads;

  /** A store whose first write is at 2025-07-21T00:00:01Z, and each other one a second later. */
  public MemoryObjectStore() {
    this.clock = () -> Instant.parse("2025-07-21T00:00:00Z").plusSeconds(writes);
  }

  /** A store with the test's own clock. */
  public MemoryObjectStore(Supplier<Instant> clock) {
    this.clock = clock;
  }

  /** Runs the hook before every operation from now on, outside of the store's lock. */
  public void before(Hook newHook) {
    this.hook = newHook;
  }

  private void at(Operation operation, Object key) {
    hook.before(operation, key.toString());
  }

  @Override
  public Optional<ObjectStat> head(ObjectKey key) {
    at(Operation.HEAD, key);
    synchronized (this) {
      return Optional.ofNullable(objects.get(key)).map(state -> stat(key, state));
    }
  }

  private static ObjectStat stat(ObjectKey key, State state) {
    return new ObjectStat(key, state.content().length, state.etag(), state.modified());
  }

  @Override
  public Optional<StoredObject> get(ObjectKey key, int limit) {
    at(Operation.GET, key);
    synchronized (this) {
      Optional<State> found = Optional.ofNullable(objects.get(key));
      if (found.isPresent() && found.get().content().length > limit) {
        throw new StoreException(Kind.TOO_LARGE, key + " is larger than " + limit);
      }
      return found.map(state -> new StoredObject(key, state.content().clone(), state.etag()));
    }
  }

  @Override
  public InputStream read(ObjectKey key, ByteRange range, ETag etag) {
    at(Operation.READ, key);
    byte[] content = require(key, etag).content();
    if (range.end() > content.length) {
      throw new StoreException(Kind.FAILED, key + " ends before " + range.end());
    }
    return new ByteArrayInputStream(content, (int) range.offset(), (int) range.length());
  }

  private synchronized State require(ObjectKey key, ETag etag) {
    State state = objects.get(key);
    if (state == null) {
      throw new StoreException(Kind.NOT_FOUND, "there is no " + key);
    }
    if (!state.etag().equals(etag)) {
      throw new StoreException(Kind.PRECONDITION_FAILED, key + " has another state");
    }
    return state;
  }

  @Override
  public ETag put(ObjectKey key, byte[] content, Precondition precondition) {
    at(Operation.PUT, key);
    synchronized (this) {
      switch (precondition) {
        case Precondition.None() -> {}
        case Precondition.IfAbsent() -> {
          if (objects.containsKey(key)) {
            throw new StoreException(Kind.PRECONDITION_FAILED, key + " exists");
          }
        }
        case Precondition.IfMatch(ETag etag) -> {
          if (!objects.containsKey(key)) {
            throw new StoreException(Kind.PRECONDITION_FAILED, "there is no " + key);
          }
          require(key, etag);
        }
      }
      return write(key, content.clone());
    }
  }

  private synchronized ETag write(ObjectKey key, byte[] content) {
    writes++;
    ETag etag = new ETag("m" + writes);
    objects.put(key, new State(content, etag, clock.get()));
    return etag;
  }

  @Override
  public MultipartUpload startUpload(ObjectKey key) {
    at(Operation.START_UPLOAD, key);
    return new Upload(key);
  }

  private final class Upload implements MultipartUpload {
    private final ObjectKey key;
    private final TreeMap<Integer, byte[]> parts = new TreeMap<>();
    private final String id;
    private boolean closed;

    Upload(ObjectKey key) {
      this.key = key;
      this.id = begin(key);
    }

    @Override
    public ETag uploadPart(int number, byte[] content, int offset, int length) {
      at(Operation.UPLOAD_PART, key);
      put(number, content, offset, length);
      return new ETag(md5(Arrays.copyOfRange(content, offset, offset + length)));
    }

    private synchronized void put(int number, byte[] content, int offset, int length) {
      if (isClosed() || number < 1 || number > MAX_PARTS) {
        throw new IllegalArgumentException("part " + number + " of " + key);
      }
      byte[] part = new byte[length];
      System.arraycopy(content, offset, part, 0, length);
      parts.put(number, part);
    }

    @Override
    public ETag copyPart(int number, ObjectStat from, ByteRange range) {
      at(Operation.COPY_PART, from.key());
      byte[] source = require(from.key(), from.etag()).content();
      if (range.end() > source.length) {
        throw new StoreException(Kind.FAILED, from.key() + " ends before " + range.end());
      }
      put(number, source, (int) range.offset(), (int) range.length());
      return new ETag(md5(Arrays.copyOfRange(source, (int) range.offset(), (int) range.end())));
    }

    @Override
    public synchronized void discard(int number) {
      parts.remove(number);
    }

    @Override
    public synchronized ETag complete() {
      at(Operation.COMPLETE_UPLOAD, key);
      if (closed) {
        throw new IllegalStateException("the upload of " + key + " is closed");
      }
      if (isClosed()) {
        throw new StoreException(Kind.NOT_FOUND, "the upload of " + key + " was aborted");
      }
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      for (Map.Entry<Integer, byte[]> part : parts.entrySet()) {
        if (part.getValue().length < MIN_PART_BYTES && !part.getKey().equals(parts.lastKey())) {
          throw new StoreException(Kind.FAILED, "part " + part.getKey() + " is too small");
        }
        whole.writeBytes(part.getValue());
      }
      close();
      return write(key, whole.toByteArray());
    }

    private boolean isClosed() {
      synchronized (MemoryObjectStore.this) {
        return !unfinished.containsKey(id);
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      synchronized (MemoryObjectStore.this) {
        unfinished.remove(id);
      }
    }
  }

  private synchronized String begin(ObjectKey key) {
    String id = "u" + ++uploads;
    unfinished.put(id, new UnfinishedUpload(key, id, clock.get()));
    return id;
  }

  @Override
  public Stream<UnfinishedUpload> unfinishedUploads(String prefix) {
    at(Operation.LIST, prefix);
    synchronized (this) {
      return List.copyOf(unfinished.values()).stream()
          .filter(upload -> upload.key().value().startsWith(prefix));
    }
  }

  @Override
  public void abort(UnfinishedUpload upload) {
    at(Operation.DELETE, upload.key());
    synchronized (this) {
      unfinished.remove(upload.id());
    }
  }

  /** Uploads that were begun and neither completed nor aborted. */
  public synchronized int openUploads() {
    return unfinished.size();
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  @Override
  public ETag copy(ObjectStat from, ObjectKey to) {
    at(Operation.COPY, from.key());
    synchronized (this) {
      return write(to, require(from.key(), from.etag()).content());
    }
  }

  @Override
  public void delete(ObjectKey key) {
    at(Operation.DELETE, key);
    synchronized (this) {
      objects.remove(key);
    }
  }

  @Override
  public Stream<ObjectStat> list(String prefix) {
    at(Operation.LIST, prefix);
    synchronized (this) {
      return new TreeMap<>(objects)
          .entrySet().stream()
              .filter(entry -> entry.getKey().value().startsWith(prefix))
              .map(entry -> stat(entry.getKey(), entry.getValue()));
    }
  }

  @Override
  public Stream<String> listFolders(String prefix) {
    return list(prefix)
        .map(stat -> stat.key().value().substring(prefix.length()))
        .filter(rest -> rest.contains("/"))
        .map(rest -> rest.substring(0, rest.indexOf('/')))
        .distinct();
  }

  /** All that is there, for a look at the end of a test; the bytes are the store's own. */
  public synchronized SortedMap<String, byte[]> contents() {
    SortedMap<String, byte[]> copy = new TreeMap<>(ObjectKey.ORDER);
    objects.forEach((key, state) -> copy.put(key.value(), state.content()));
    return copy;
  }

  /** Takes over the objects of another one, with their tokens and times; this one is empty. */
  public synchronized void startFrom(MemoryObjectStore other) {
    synchronized (other) {
      objects.putAll(other.objects);
      writes = other.writes;
      uploads = other.uploads;
    }
  }

  @Override
  public String describe() {
    return "memory";
  }

  @Override
  public void close() {}
}
