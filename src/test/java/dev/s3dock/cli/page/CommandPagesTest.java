package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.S3dock;
import dev.s3dock.cli.invocation.ProcessContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages in {@code docs/commands} say what the commands' own help says. */
class CommandPagesTest {
  private static final Path FOLDER = Path.of("docs/commands");
  private static final String REMEDY =
      "docs/commands is not up to date; write it anew with"
          + " mvn -q test -Dtest=CommandPagesTest -Ds3dock.writePages=true";

  private final SortedMap<String, String> pages =
      CommandPages.of(S3dock.model(ProcessContext.ofProcess()));

  @Test
  void the_pages_of_the_commands_are_up_to_date() throws IOException {
    if (Boolean.getBoolean("s3dock.writePages")) {
      write();
    }
    assertThat(stored()).as(REMEDY).isEqualTo(pages);
  }

  @Test
  void a_page_is_plain_markdown() {
    assertThat(pages).containsKeys("build.md", "list.md", "config.md", "README.md");
    assertThat(pages.values())
        .allSatisfy(page -> assertThat(page).doesNotContain("\u001b", "%n", "@|", "null"));
  }

  private void write() throws IOException {
    Files.createDirectories(FOLDER);
    for (String name : stored().keySet()) {
      Files.delete(FOLDER.resolve(name));
    }
    for (Map.Entry<String, String> page : pages.entrySet()) {
      Files.writeString(FOLDER.resolve(page.getKey()), page.getValue());
    }
  }

  private static SortedMap<String, String> stored() throws IOException {
    SortedMap<String, String> stored = new TreeMap<>();
    if (Files.isDirectory(FOLDER)) {
      try (Stream<Path> files = Files.list(FOLDER)) {
        for (Path file : files.toList()) {
          stored.put(String.valueOf(file.getFileName()), Files.readString(file));
        }
      }
    }
    return stored;
  }
}
