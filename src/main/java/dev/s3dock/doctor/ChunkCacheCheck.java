package dev.s3dock.doctor;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.archive.cache.ChunkCache.Usage;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The check of what pulls keep on this machine.
 *
 * @param limit of 0 bytes if nothing is kept
 * @param objection why the folder is not trusted; empty if it is
 */
public record ChunkCacheCheck(Path folder, Limit limit, Optional<String> objection, Clock clock) {
  private static final String NAME = "chunk cache";

  Check check() {
    return Check.local(NAME, report -> report.accept(result()));
  }

  private CheckResult result() {
    if (limit.bytes() == 0) {
      return CheckResult.ok(NAME, "off, since cache.size is 0");
    }
    if (objection.isPresent()) {
      return unused(objection.get());
    }
    try {
      List<String> warnings = new ArrayList<>();
      ChunkCache cache = ChunkCache.open(folder, limit, clock, warnings::add);
      if (!warnings.isEmpty()) {
        return CheckResult.warning(NAME, warnings.getFirst());
      }
      MachineChecks.tryWriting(MachineChecks.existing(folder));
      Usage usage = cache.usage();
      return CheckResult.ok(
          NAME,
          "%,d MiB in %s, of at most %,d MiB and a quarter of what is free"
              .formatted(usage.bytes() >> 20, folder, limit.bytes() >> 20));
    } catch (IOException e) {
      return unused("it cannot be written (%s)".formatted(FailureWords.of(e)));
    }
  }

  private CheckResult unused(String reason) {
    return CheckResult.warning(
        NAME,
        "%s is not used: %s, so each pull fetches what another has fetched; let it belong to this user, writable by nobody else, or set cache.path"
            .formatted(folder, reason));
  }
}
