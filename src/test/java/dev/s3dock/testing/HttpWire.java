package dev.s3dock.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** HTTP/1.1 messages and WebSocket frames (RFC 6455) as they travel, so that nothing is hidden. */
final class HttpWire {
  static final int TEXT = 1;
  static final int CLOSE = 8;

  private HttpWire() {}

  /**
   * A request's or response's first line and headers.
   *
   * @param headers by name in lower case
   */
  record Head(String line, Map<String, String> headers) {
    int status() {
      return Integer.parseInt(line.split(" ")[1]);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    boolean closes() {
      return header("connection").equalsIgnoreCase("close");
    }
  }

  /** The connection ended before the first byte of a message. */
  static final class NothingCame extends EOFException {
    private static final long serialVersionUID = 1L;

    NothingCame() {
      super("the connection was closed before the first byte");
    }
  }

  static Head head(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      throw new NothingCame();
    }
    String line = (char) first + line(in);
    Map<String, String> headers = new HashMap<>();
    for (String next = line(in); !next.isEmpty(); next = line(in)) {
      int colon = next.indexOf(':');
      headers.put(
          next.substring(0, colon).toLowerCase(Locale.ROOT), next.substring(colon + 1).strip());
    }
    return new Head(line.strip(), headers);
  }

  static String body(InputStream in, Head head) throws IOException {
    if (head.header("transfer-encoding").equalsIgnoreCase("chunked")) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int size = size(in); size > 0; size = size(in)) {
        body.write(exactly(in, size));
        line(in);
      }
      line(in);
      return body.toString(ISO_8859_1);
    }
    String length = head.header("content-length");
    return new String(
        length.isEmpty() ? in.readAllBytes() : exactly(in, Integer.parseInt(length)), ISO_8859_1);
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in), 16);
  }

  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection was closed within a head, after '" + line + "'");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  static byte[] exactly(InputStream in, int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException(
          "the connection was closed after %d of %d bytes of a body".formatted(bytes.length, size));
    }
    return bytes;
  }

  /**
   * A WebSocket frame.
   *
   * @param payload up to 125 bytes, one for each char
   */
  record Frame(int opcode, String payload) {
    byte[] bytes(boolean masked) {
      byte[] raw = payload.getBytes(ISO_8859_1);
      byte[] bytes = new byte[2 + (masked ? 4 : 0) + raw.length]; // a mask of zeros is a mask
      bytes[0] = (byte) (0x80 | opcode);
      bytes[1] = (byte) ((masked ? 0x80 : 0) | raw.length);
      System.arraycopy(raw, 0, bytes, bytes.length - raw.length, raw.length);
      return bytes;
    }

    static Frame read(InputStream in) throws IOException {
      byte[] start = exactly(in, 2);
      boolean masked = (start[1] & 0x80) != 0;
      byte[] mask = masked ? exactly(in, 4) : new byte[4];
      byte[] payload = exactly(in, start[1] & 0x7f);
      for (int i = 0; i < payload.length; i++) {
        payload[i] ^= mask[i % 4];
      }
      return new Frame(start[0] & 0x0f, new String(payload, ISO_8859_1));
    }
  }
}
