package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents tell to do can be done as it stands there. */
class DocumentsTest {
  private static final Pattern RULE = Pattern.compile("\\|(?: ?:?-{3,}:? ?\\|)+");
  private static final Pattern CELL_END = Pattern.compile("(?<!\\\\)\\|");

  private static List<Path> documents() {
    try (Stream<Path> own = Files.list(Path.of(""));
        Stream<Path> docs = Files.walk(Path.of("docs"))) {
      return Stream.concat(own, docs).filter(file -> file.toString().endsWith(".md")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(String file) throws IOException {
    return Files.readString(Path.of(file));
  }

  /** A table needs its rule, and as many cells in each row; a bar in code counts as one, too. */
  @Test
  void every_table_renders() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path file : documents()) {
      List<String> lines = Files.readAllLines(file);
      int columns = 0;
      boolean code = false;
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        code ^= line.startsWith("```");
        if (code || !line.startsWith("|")) {
          columns = 0;
          continue;
        }
        int cells = CELL_END.split(line, -1).length;
        boolean first = columns == 0;
        columns = first ? cells : columns;
        boolean ruled = !first || RULE.matcher(at(lines, i + 1)).matches();
        boolean apart = !first || i == 0 || at(lines, i - 1).matches("|<!--.*-->");
        if (cells != columns || !ruled || !apart) {
          broken.add("%s:%d: %s".formatted(file, i + 1, line));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static String at(List<String> lines, int index) {
    return index < lines.size() ? lines.get(index) : "";
  }

  @Test
  void the_distribution_is_made_without_the_whole_suite() throws IOException {
    for (Path file : documents()) {
      assertThat(Files.readString(file)).as(file.toString()).doesNotContain("mvn -Pdist package");
    }
    assertThat(read("README.md")).contains("mvn -Pdist -DskipTests package");
  }

  @Test
  void what_runs_by_itself_uses_the_path_of_the_installer() throws IOException {
    assertThat(read("src/dist/install")).contains("prefix=/usr/local;");
    String page = read("docs/operations.md");
    assertThat(page).contains("PATH=/usr/local/bin:").doesNotContain("/usr/bin/s3dock");
    assertThat(page.lines().filter(line -> line.startsWith("ExecStart=")))
        .isNotEmpty()
        .allMatch(line -> line.startsWith("ExecStart=/usr/local/bin/s3dock "));
  }

  @Test
  void a_workflow_installs_s3dock_before_it_runs_it() throws IOException {
    String page = read("docs/operations.md");
    String workflow = page.substring(page.indexOf("runs-on:"));
    assertThat(workflow.indexOf("/install\n"))
        .isPositive()
        .isLessThan(workflow.indexOf("run: s3dock "));
  }
}
