package dev.s3dock.distribution;

import dev.s3dock.store.ByteRange;
import dev.s3dock.testing.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a client of {@code serve} sends: paths, ranges, names of engines, pages. */
public final class ProtocolFuzz {
  private static final long SIZE = 1000;

  private ProtocolFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(
        new FuzzTarget("registry-request", Set.of(RefusedException.class), ProtocolFuzz::request));
  }

  /** The first byte chooses the part of the request. */
  private static void request(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String text = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
    switch (input[0]) {
      case '0' -> path(text);
      case '1' -> range(text);
      case '2' -> Clients.takesZstd(text);
      default -> Page.of(List.of("a", "b"), Page.Wanted.of(Optional.of(text), Optional.of(text)));
    }
  }

  private static void path(String text) {
    if (ProtocolPath.of(text) instanceof ProtocolPath.Blob blob) {
      Repository.digest(blob.digest());
    }
  }

  private static void range(String text) {
    if (RequestedRange.of(text, SIZE) instanceof RequestedRange.Part part) {
      ByteRange range = part.range();
      if (range.end() > SIZE) {
        throw new AssertionError(range + " of " + SIZE + " bytes");
      }
    }
  }
}
