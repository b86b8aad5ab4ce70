package dev.s3dock.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.digests.MD5Digest;

/**
 * An MD5 (RFC 1321) in the middle of its message, in a form that belongs to no library.
 *
 * @param abcd the four words A, B, C and D, each low-order byte first as in RFC 1321, section 3.5,
 *     after the whole 64-byte blocks so far: 32 lower-case hex digits
 * @param bytes length of the message so far
 * @param pending the {@code bytes % 64} bytes after the last whole block, in lower-case hex
 * @throws IllegalArgumentException if the parts have other forms or contradict each other
 */
public record Md5State(String abcd, long bytes, String pending) {
  private static final Pattern ABCD = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern PENDING = Pattern.compile("(?:[0-9a-f]{2}){0,63}");

  // Bouncy Castle's encoded state: 4 bytes of an unfinished word, how many of them count, the
  // message length, A to D, the number of whole pending words, these words, one byte of purpose;
  // numbers are big-endian.
  private static final int WORDS_AT = 36;

  public Md5State {
    if (!ABCD.matcher(abcd).matches()
        || !PENDING.matcher(pending).matches()
        || bytes < 0
        || bytes % 64 != pending.length() / 2) {
      throw new IllegalArgumentException("not the state of an MD5");
    }
  }

  /** The state of this digest, which goes on unchanged. */
  public static Md5State of(MD5Digest md5) {
    ByteBuffer encoded = ByteBuffer.wrap(md5.getEncodedState());
    byte[] unfinished = new byte[4];
    encoded.get(unfinished);
    int unfinishedLength = encoded.getInt();
    long bytes = encoded.getLong();
    ByteBuffer abcd = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      abcd.putInt(encoded.getInt());
    }
    int words = encoded.getInt();
    ByteBuffer pending =
        ByteBuffer.allocate(4 * words + unfinishedLength).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < words; i++) {
      pending.putInt(encoded.getInt());
    }
    pending.put(unfinished, 0, unfinishedLength);
    HexFormat hex = HexFormat.of();
    return new Md5State(hex.formatHex(abcd.array()), bytes, hex.formatHex(pending.array()));
  }

  /** A digest that goes on from here. */
  public MD5Digest resume() {
    byte[] fresh = new MD5Digest().getEncodedState();
    byte[] rest = HexFormat.of().parseHex(pending);
    ByteBuffer words =
        ByteBuffer.wrap(HexFormat.of().parseHex(abcd)).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer encoded = ByteBuffer.allocate(WORDS_AT + 1);
    encoded.putLong(0).putLong(bytes - rest.length);
    for (int i = 0; i < 4; i++) {
      encoded.putInt(words.getInt());
    }
    encoded.putInt(0).put(fresh[fresh.length - 1]);
    MD5Digest md5 = new MD5Digest(encoded.array());
    md5.update(rest, 0, rest.length);
    return md5;
  }
}
