package dev.s3dock.transfer;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** MD5, by which S3 names the parts of an upload and the original names archives. */
public final class Md5 {
  private Md5() {}

  /** A digest of no bytes yet. */
  public static MessageDigest start() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }
}
