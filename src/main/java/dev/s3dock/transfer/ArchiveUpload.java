package dev.s3dock.transfer;

import dev.s3dock.archive.ArchiveInput;
import dev.s3dock.archive.PackedImage;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.Composition.Joined;
import dev.s3dock.transfer.Composition.Part;
import dev.s3dock.transfer.Composition.Send;
import dev.s3dock.transfer.Composition.Take;
import java.io.EOFException;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Makes an archive in the store as a multipart upload, several parts at once: sends what is new and
 * copies what the {@link Bases} have. Holds at most 64 MiB of bytes on their way.
 */
final class ArchiveUpload {
  private static final int CAPACITY = 64 << 20;
  private static final int COPY_WEIGHT = 8 << 20;

  private final ObjectStore store;
  private final Bases bases;
  private final TemporaryObjects temporary;
  private final Progress.Step step;

  ArchiveUpload(ObjectStore store, Bases bases, TemporaryObjects temporary, Progress.Step step) {
    this.store = store;
    this.bases = bases;
    this.temporary = temporary;
    this.step = step;
  }

  /** The state of the object that was written, and what was learnt of the bytes on the way. */
  record Uploaded(ETag state, ArchiveInput input) {}

  /**
   * Makes the archive, over whatever is at the key.
   *
   * @param beforeVisible run when all parts are there; what it throws aborts the upload
   * @throws BaseUnusableException if bytes cannot be copied; nothing is visible then
   */
  Uploaded send(PackedImage image, List<Part> parts, ObjectKey key, Runnable beforeVisible)
      throws IOException {
    try (ArchiveInput input = image.open();
        MultipartUpload upload = store.startUpload(key)) {
      Preparation preparation = new Preparation(input, parts.stream().anyMatch(this::isProvable));
      try (InFlight requests = new InFlight(CAPACITY)) {
        int number = 0;
        for (Part part : parts) {
          int partNumber = ++number;
          requests.submit(
              weight(part),
              () -> {
                Request request = preparation.of(part);
                return () -> request.send(upload, partNumber);
              });
        }
        requireEnd(input);
        requests.await();
      }
      preparation.tokens.verify();
      beforeVisible.run();
      return new Uploaded(upload.complete(), input);
    }
  }

  private static void requireEnd(ArchiveInput input) throws IOException {
    if (input.read() >= 0) {
      throw new IllegalStateException("the parts end before the archive does");
    }
  }

  private boolean isProvable(Part part) {
    return switch (part) {
      case Send send -> false;
      case Take take -> take.local();
      case Joined joined -> isProvable(joined.first()) || isProvable(joined.last());
    };
  }

  private static long weight(Part part) {
    return switch (part) {
      case Send send -> send.length();
      case Take take -> COPY_WEIGHT;
      case Joined joined -> weight(joined.first()) + weight(joined.last());
    };
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
    private final PartTokens tokens = new PartTokens();

    Preparation(ArchiveInput input, boolean proving) {
      this.input = input;
      this.proving = proving;
    }

    Request of(Part part) throws IOException {
      return switch (part) {
        case Send send -> sending(bytes((int) send.length()));
        case Take take -> copying(take, take.local() ? Optional.of(md5(take)) : Optional.empty());
        case Joined joined -> joining(joined, of(joined.first()), of(joined.last()));
      };
    }

    private byte[] bytes(int length) throws IOException {
      byte[] bytes = input.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException("the archive ends before its parts do");
      }
      return bytes;
    }

    private MessageDigest md5(Take take) throws IOException {
      MessageDigest md5 = PartTokens.md5();
      byte[] buffer = new byte[1 << 18];
      for (long left = take.length(); left > 0; ) {
        int count = input.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new EOFException("the archive ends before its parts do");
        }
        md5.update(buffer, 0, count);
        left -= count;
      }
      return md5;
    }

    private Request sending(byte[] bytes) {
      return (upload, number) -> {
        ETag token = upload.uploadPart(number, bytes, 0, bytes.length);
        if (proving) {
          MessageDigest md5 = PartTokens.md5();
          md5.update(bytes);
          tokens.sent(token, md5);
        }
        step.advance(bytes.length);
        return token;
      };
    }

    private Request copying(Take take, Optional<MessageDigest> md5) {
      ObjectStat from = bases.archive(take.from().archive());
      ByteRange range = new ByteRange(take.from().offset(), take.length());
      return (upload, number) -> {
        ETag token = copy(upload, number, from, range);
        md5.ifPresent(expected -> tokens.copied(from.key().value(), token, expected));
        return token;
      };
    }

    private Request joining(Joined joined, Request first, Request last) {
      return (upload, number) -> {
        ObjectKey key = temporary.next();
        ETag state;
        try (MultipartUpload join = store.startUpload(key)) {
          first.send(join, 1);
          last.send(join, 2);
          state = join.complete();
        }
        ObjectStat made = new ObjectStat(key, joined.length(), state, Instant.EPOCH);
        return copy(upload, number, made, new ByteRange(0, joined.length()));
      };
    }
  }

  private static ETag copy(MultipartUpload upload, int number, ObjectStat from, ByteRange range)
      throws BaseUnusableException {
    try {
      return upload.copyPart(number, from, range);
    } catch (StoreException e) {
      switch (e.kind()) {
        case NOT_FOUND, PRECONDITION_FAILED, ACCESS_DENIED, UNSUPPORTED, FAILED ->
            throw new BaseUnusableException(e);
        default -> throw e;
      }
    }
  }
}
