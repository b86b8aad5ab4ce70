package dev.s3dock.cli;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.cli.bucket.TimeArgument;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.TimeSpan;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.testing.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

/** Values of options: {@code --since}, durations, compressions. */
public final class OptionFuzz {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2025-08-02T07:30:12.250Z"), ZoneOffset.ofHours(2));

  private OptionFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(
        new FuzzTarget(
            "options",
            Set.of(UsageException.class, InvalidNameException.class),
            OptionFuzz::options));
  }

  /** The first byte chooses the option. */
  private static void options(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String text = new String(input, 1, input.length - 1, StandardCharsets.UTF_8);
    switch (input[0]) {
      case '0' -> TimeArgument.parse("--since", text, CLOCK);
      case '1' -> TimeSpan.limit(text);
      default -> ChunkCodec.resolve(Compression.Choice.parse(text));
    }
  }
}
