package dev.s3dock.transfer.push;

import dev.s3dock.store.ETag;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Compares the tokens of parts with the MD5s of the bytes that they should have. Where a store
 * makes tokens of MD5s (Amazon S3 does, unless the bucket is encrypted with KMS), this proves that
 * copied parts have the bytes that were counted into the archive's MD5. Which kind of store it is
 * shows in the parts that were sent. May be told from several threads.
 */
final class PartEtags {
  private boolean md5s;
  private Optional<String> differing = Optional.empty();

  /** A part that was sent. */
  synchronized void sent(ETag token, MessageDigest md5) {
    md5s |= token.value().equals(HexFormat.of().formatHex(md5.digest()));
  }

  /**
   * A part that was copied.
   *
   * @param source for the message
   * @param md5 of the bytes that it should have, in hex
   */
  synchronized void copied(String source, ETag token, String md5) {
    if (!token.value().equals(md5)) {
      differing = Optional.of(source);
    }
  }

  /** False if nothing is proved by a token of this store. */
  synchronized boolean areMd5s() {
    return md5s;
  }

  /**
   * To be called when all parts are there.
   *
   * @throws ReuseException if a copied part has other bytes than it should
   */
  synchronized void verify() throws ReuseException {
    if (md5s && differing.isPresent()) {
      throw new ReuseException(differing.get() + " does not hold the bytes that its index says");
    }
  }
}
