package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bucket, a configuration and archives of the commit before the packages were laid out anew
 * (8d20814), and what that commit printed with {@code --json}: this one prints the same, with the
 * same exit codes. Fields may have been added, and words of errors may differ. One exit code was
 * changed by hand: a lone {@code APP:stamp-hash} is understood by pull since, so that it is not
 * found.
 */
class PreviousVersionTest {
  private static final Path RECORDED = Path.of("src/test/resources/previous");

  /** What differs between two machines or two builds. */
  private static final Set<String> VARYING =
      Set.of("commit", "date", "error", "access_key", "last_modified");

  /** When it was recorded: rules of cleanup depend on the age of objects. */
  private static final Instant THEN = Instant.parse("2026-11-28T20:30:00Z");

  @TempDir Path folder;

  @Test
  void json_and_exit_codes_are_those_of_before() throws IOException {
    Path store = unpack(folder.resolve("store"));
    User user =
        new User(folder.resolve("user")).later(Duration.between(Clock.systemUTC().instant(), THEN));
    configure(user, store);
    Path out = Files.createDirectories(folder.resolve("out"));
    List<String> differences = new ArrayList<>();
    for (JsonNode recorded :
        new ObjectMapper().readTree(RECORDED.resolve("recorded.json").toFile())) {
      String command = recorded.path("command").asText();
      String line =
          command
              .replace("OUT", out.toString())
              .replace("IMAGES", RECORDED.toAbsolutePath().toString());
      User.Result result = user.s3dock((line + " --json").split(" "));
      String text = result.out().replace(store.toString(), "STORE").replace(out.toString(), "OUT");
      JsonNode json = new ObjectMapper().readTree(text);
      if (result.exitCode() != recorded.path("exit_code").asInt()) {
        differences.add(command + ": exit code " + result.exitCode() + " " + result.err());
      }
      compare(command, recorded.path("json"), json, differences);
    }
    assertThat(differences).isEmpty();
  }

  private static void configure(User user, Path store) throws IOException {
    Path file = Files.createDirectories(user.home().resolve(".s3dock")).resolve("config.json5");
    String text = Files.readString(RECORDED.resolve("config.json5"));
    Files.writeString(file, text.replace("STORE", store.toString()));
  }

  /** With the dates of the files, since the tokens of a folder store are made of them. */
  private static Path unpack(Path store) throws IOException {
    try (InputStream in = Files.newInputStream(RECORDED.resolve("bucket.tar"));
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = store.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(path);
          continue;
        }
        Files.createDirectories(path.getParent());
        Files.copy(tar, path);
        FileTime modified = entry.getLastModifiedTime();
        Files.setLastModifiedTime(path, modified);
      }
    }
    return store;
  }

  /** Every field that was there must be there, with its value. */
  private static void compare(
      String where, JsonNode before, JsonNode now, List<String> differences) {
    if (before instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              field -> {
                String name = where + "." + field.getKey();
                JsonNode value = now.path(field.getKey());
                if (value.isMissingNode()) {
                  differences.add(name + " is missing");
                } else if (!VARYING.contains(field.getKey())) {
                  compare(name, field.getValue(), value, differences);
                }
              });
    } else if (before.isArray() && before.size() == now.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(where + "[" + i + "]", before.get(i), now.path(i), differences);
      }
    } else if (!before.equals(now)) {
      differences.add(where + ": " + before + " became " + now);
    }
  }
}
