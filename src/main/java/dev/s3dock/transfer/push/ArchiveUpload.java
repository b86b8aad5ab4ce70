package dev.s3dock.transfer.push;

import static java.util.Objects.requireNonNull;

import dev.s3dock.archive.write.ArchiveInput;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.InFlight;
import dev.s3dock.transfer.Md5;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.PartPlan.Joined;
import dev.s3dock.transfer.push.PartPlan.Part;
import dev.s3dock.transfer.push.PartPlan.Send;
import dev.s3dock.transfer.push.PartPlan.Take;
import dev.s3dock.transfer.push.PartPlanner.Step;
import java.io.EOFException;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Makes an archive in the store as a multipart upload, several parts at once: sends what is new and
 * copies what the {@link ReuseSources} have. Holds at most 64 MiB of bytes on their way. Parts may
 * be made ahead, before the archive is known; for one thread at a time.
 */
final class ArchiveUpload implements AutoCloseable {
  private static final int CAPACITY = 64 << 20;
  private static final int COPY_WEIGHT = 8 << 20;

  private final ObjectStore store;
  private final ReuseSources reuseSources;
  private final MultipartUpload upload;
  private final TemporaryObjects temporary;
  private final InFlight requests = new InFlight(CAPACITY);
  private final PartEtags tokens = new PartEtags();
  private final CopiedRuns fromOthers = new CopiedRuns();
  private final SentBytes sent = new SentBytes();
  private final Map<Integer, Future<Optional<ETag>>> eager = new TreeMap<>();

  private ArchiveUpload(ObjectStore store, ReuseSources reuseSources, UploadTarget target) {
    this.store = store;
    this.reuseSources = reuseSources;
    this.temporary = new TemporaryObjects(store, target.key().reference().app());
    this.upload = store.startUpload(target.archive());
  }

  /** Starts the upload of what takes the place of whatever is at the target. */
  static ArchiveUpload start(ObjectStore store, ReuseSources reuseSources, UploadTarget target) {
    return new ArchiveUpload(store, reuseSources, target);
  }

  /** The state of the object that was written, and what was learnt of the bytes on the way. */
  record Uploaded(ETag state, ArchiveInput input) {}

  /**
   * Sends a part whose place is known later.
   *
   * @param content read on this thread, when there is room for it
   */
  void sendAhead(int number, long length, Content content) throws IOException {
    eager.put(
        number,
        requests.ask(
            length,
            () -> {
              byte[] bytes = content.read();
              return () -> Optional.of(send(upload, number, bytes, !reuseSources.isEmpty()));
            }));
  }

  /** Bytes of a part. */
  interface Content {
    byte[] read() throws IOException;
  }

  /**
   * Copies a part that may turn out to be of use.
   *
   * @return its token; none if it cannot be copied
   */
  Future<Optional<ETag>> copyAhead(int number, Take take) throws IOException {
    Future<Optional<ETag>> token =
        requests.ask(
            COPY_WEIGHT,
            () ->
                () -> {
                  try {
                    return Optional.of(copy(upload, number, take));
                  } catch (ReuseException e) {
                    return Optional.empty(); // if it is needed, another try tells why
                  }
                });
    eager.put(number, token);
    return token;
  }

  /**
   * Makes the archive.
   *
   * @param beforeVisible run when all parts are there; what it throws aborts the upload
   * @throws ReuseException if bytes cannot be copied; nothing is visible then
   */
  Uploaded finish(
      PackedImage image, List<Step> steps, TransferProgress.Step progress, Runnable beforeVisible)
      throws IOException {
    sent.show(progress);
    discardUnused(steps);
    try (ArchiveInput input = image.open()) {
      boolean proving = steps.stream().map(Step::part).anyMatch(Part::isProvable);
      Preparation preparation = new Preparation(input, proving);
      for (Step step : steps) {
        if (step.uploaded()) {
          preparation.pass(step);
        } else {
          requests.submit(
              weight(step.part()),
              () -> {
                Request request = preparation.of(step.part());
                return () -> request.send(upload, step.number());
              });
        }
      }
      requireEnd(input);
      requests.await();
      tokens.verify();
      if (!tokens.areMd5s()) {
        fromOthers.verify(store);
      }
      beforeVisible.run();
      return new Uploaded(upload.complete(), input);
    }
  }

  /** Their numbers may be wanted by others, so they must have arrived before. */
  private void discardUnused(List<Step> steps) throws IOException {
    Set<Integer> used =
        steps.stream().filter(Step::uploaded).map(Step::number).collect(Collectors.toSet());
    for (Map.Entry<Integer, Future<Optional<ETag>>> part : eager.entrySet()) {
      if (!used.contains(part.getKey())) {
        InFlight.await(part.getValue());
        upload.discard(part.getKey());
      }
    }
  }

  private static void requireEnd(ArchiveInput input) throws IOException {
    if (input.read() >= 0) {
      throw new IllegalStateException("the parts end before the archive does");
    }
  }

  private static long weight(Part part) {
    return switch (part) {
      case Send send -> send.length();
      case Take take -> COPY_WEIGHT;
      case Joined joined -> weight(joined.first()) + weight(joined.last());
    };
  }

  private ETag send(MultipartUpload to, int number, byte[] bytes, boolean proving) {
    ETag token = to.uploadPart(number, bytes, 0, bytes.length);
    if (proving) {
      MessageDigest md5 = Md5.start();
      md5.update(bytes);
      tokens.sent(token, md5);
    }
    sent.add(bytes.length);
    return token;
  }

  private ETag copy(MultipartUpload to, int number, Take take) throws ReuseException {
    return copy(
        to,
        number,
        reuseSources.archive(take.from().archive()),
        new ByteRange(take.from().offset(), take.length()));
  }

  /** What other apps have is read where a token proves nothing. */
  private void copied(Take take, ETag token, MessageDigest md5) {
    ObjectStat source = reuseSources.archive(take.from().archive());
    String expected = HexFormat.of().formatHex(md5.digest());
    tokens.copied(source.key().value(), token, expected);
    if (reuseSources.isOther(take.from().archive())) {
      fromOthers.add(source, new ByteRange(take.from().offset(), take.length()), expected);
    }
  }

  private static ETag copy(MultipartUpload upload, int number, ObjectStat from, ByteRange range)
      throws ReuseException {
    try {
      return upload.copyPart(number, from, range);
    } catch (StoreException e) {
      switch (e.kind()) {
        case NOT_FOUND, PRECONDITION_FAILED, ACCESS_DENIED, UNSUPPORTED, FAILED ->
            throw new ReuseException(e);
        default -> throw e;
      }
    }
  }

  /** A part that is ready to go to an upload. */
  @FunctionalInterface
  private interface Request {
    ETag send(MultipartUpload upload, int number) throws IOException;
  }

  /** Takes the bytes of the parts out of the archive, in order. For one thread. */
  private final class Preparation {
    private final ArchiveInput input;
    private final boolean proving;

    Preparation(ArchiveInput input, boolean proving) {
      this.input = input;
      this.proving = proving;
    }

    Request of(Part part) throws IOException {
      return switch (part) {
        case Send send -> {
          byte[] bytes = bytes((int) send.length());
          yield (to, number) -> send(to, number, bytes, proving);
        }
        case Take take -> copying(take, take.local() ? Optional.of(md5(take)) : Optional.empty());
        case Joined joined -> joining(joined, of(joined.first()), of(joined.last()));
      };
    }

    /** Reads past a part that is there, for the MD5 of the archive, and proves it. */
    void pass(Step step) throws IOException {
      if (!(step.part() instanceof Take take)) {
        skip(step.part().length());
      } else if (take.local()) {
        ETag token = InFlight.await(requireNonNull(eager.get(step.number()))).orElseThrow();
        copied(take, token, md5(take));
      }
    }

    private byte[] bytes(int length) throws IOException {
      byte[] bytes = input.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException("the archive ends before its parts do");
      }
      return bytes;
    }

    private MessageDigest md5(Take take) throws IOException {
      MessageDigest md5 = Md5.start();
      read(take.length(), md5::update);
      return md5;
    }

    private void skip(long length) throws IOException {
      read(length, (buffer, offset, count) -> {});
    }

    private void read(long length, Bytes bytes) throws IOException {
      byte[] buffer = new byte[1 << 18];
      for (long left = length; left > 0; ) {
        int count = input.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new EOFException("the archive ends before its parts do");
        }
        bytes.take(buffer, 0, count);
        left -= count;
      }
    }

    private Request copying(Take take, Optional<MessageDigest> md5) {
      return (to, number) -> {
        ETag token = copy(to, number, take);
        md5.ifPresent(expected -> copied(take, token, expected));
        return token;
      };
    }

    private Request joining(Joined joined, Request first, Request last) {
      return (to, number) -> {
        ObjectKey key = temporary.next();
        ETag state;
        try (MultipartUpload join = store.startUpload(key)) {
          first.send(join, 1);
          last.send(join, 2);
          state = join.complete();
        }
        ObjectStat made = new ObjectStat(key, joined.length(), state, Instant.EPOCH);
        return copy(to, number, made, new ByteRange(0, joined.length()));
      };
    }
  }

  /** Takes bytes out of a buffer that is used again. */
  private interface Bytes {
    void take(byte[] buffer, int offset, int count);
  }

  /** Tells what is under way to stop, without waiting. */
  void stop() {
    requests.stop();
  }

  /** Aborts the upload unless it is complete. */
  @Override
  public void close() {
    try (temporary;
        upload) {
      requests.close();
    }
  }
}
