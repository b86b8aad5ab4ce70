package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.cli.bucket.DoctorFixture;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of {@code docs/operations.md} says how many requests each command makes. */
class CostsPageTest {
  private static final Path PAGE = Path.of("docs/operations.md");
  private static final Pattern TABLE =
      Pattern.compile("(?<=<!-- measured -->\n).*?(?=<!-- end -->)", Pattern.DOTALL);
  private static final String FIRST = "my-app:20250720-0800-1234567";
  private static final String HEADER =
      """
      | command | GET | HEAD | PUT | LIST | DELETE | multipart | grows with |
      |---|---|---|---|---|---|---|---|
      """;

  @TempDir Path folder;
  private final S3Server server = S3Servers.s3Mock();
  private final StringBuilder rows = new StringBuilder(HEADER);

  @Test
  void the_page_says_what_is_asked_for() throws IOException {
    DoctorFixture fixture = new DoctorFixture(folder, server);
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      fixture.at(proxy.endpoint());
      String older = "my-app:20250719-0800-7654321";
      fixture.user().s3dock("push", older, "--from", image(older, 0)).ok();
      // the second one is composed, and what that needs to know of the store is known then
      for (String other : List.of("known:20250719-0800-7654321", "known:20250720-0800-7654321")) {
        fixture.user().s3dock("push", other, "--from", image(other, other.hashCode())).ok();
      }
      measure(fixture.user(), proxy);
    }
    String page = Files.readString(PAGE);
    if (Boolean.getBoolean("s3dock.writePages")) {
      page = TABLE.matcher(page).replaceFirst(Matcher.quoteReplacement(rows.toString()));
      Files.writeString(PAGE, page);
    }
    assertThat(page)
        .as("write it anew: mvn test -Dtest=CostsPageTest -Ds3dock.writePages=true")
        .contains(rows);
  }

  private record Line(String shown, String grows, List<String> words) {
    static Line of(String shown, String grows) {
      return new Line(shown, grows, List.of(shown.split(" ")));
    }
  }

  private List<Line> lines() throws IOException {
    String file = folder.resolve("pulled.tar.gz").toString();
    List<Line> lines = new ArrayList<>();
    lines.add(
        new Line(
            "push, 12 MB, the second version",
            "its changed bytes: a part for each 5 MiB and more",
            List.of("push", FIRST, "--from", image(FIRST, 1))));
    lines.add(
        new Line(
            "push, unchanged",
            "nothing",
            List.of("push", FIRST, "--from", folder.resolve("1.tar").toString())));
    lines.add(Line.of("tag %s v1".formatted(FIRST), "nothing"));
    lines.add(Line.of("tag %s v1".formatted(FIRST), "nothing"));
    lines.add(Line.of("promote my-app v1 production", "nothing"));
    lines.add(Line.of("promote my-app v1 production", "nothing"));
    lines.add(Line.of("promote %s staging --create".formatted(FIRST), "nothing"));
    lines.add(Line.of("current my-app production", "nothing"));
    lines.add(Line.of("current my-app staging", "nothing"));
    lines.add(
        new Line(
            "pull my-app production --to FILE",
            "what the file lacks: a range for some MB each",
            List.of("pull", "my-app", "production", "--to", file)));
    lines.add(Line.of("list apps", "apps / 1,000"));
    lines.add(Line.of("list images my-app", "months; images / 500"));
    lines.add(Line.of("list tags my-app", "versions"));
    lines.add(Line.of("list envs my-app", "environments"));
    lines.add(Line.of("audit my-app", "events: one GET each; months, events / 1,000"));
    lines.add(
        Line.of(
            "history my-app production", "promotions, tags, deployments; months, events / 1,000"));
    lines.add(Line.of("inspect my-app production", "versions, environments, hosts"));
    lines.add(Line.of("cleanup my-app", "images / 500"));
    lines.add(Line.of("verify my-app", "images, versions, environments, hosts, events"));
    return lines;
  }

  private void measure(User user, FaultProxy proxy) throws IOException {
    String before = "";
    for (Line line : lines()) {
      int from = proxy.requests().size();
      user.s3dock(line.words().toArray(String[]::new)).ok();
      Map<String, Long> counts = Costs.count(withOneEvent(proxy.requests(), from));
      boolean again = line.shown().equals(before);
      before = line.shown();
      String shown = line.shown().contains(",") ? line.shown() : "`" + line.shown() + "`";
      rows.append("| ").append(shown).append(again ? " once more" : "").append(" |");
      for (String kind : List.of("GET", "HEAD", "PUT", "LIST", "DELETE", "MULTIPART")) {
        rows.append(' ').append(count(kind, counts)).append(" |");
      }
      rows.append(' ').append(line.grows()).append(" |\n");
    }
  }

  /**
   * An event whose name is taken is looked at and written once more, so that the minute of the day
   * shows.
   */
  private static List<Request> withOneEvent(List<Request> requests, int from) {
    List<Request> counted = new ArrayList<>();
    boolean event = false;
    for (Request request : requests.subList(from, requests.size())) {
      boolean ofEvent = request.target().contains("/audit/");
      if (!ofEvent || !event) {
        counted.add(request);
      }
      event |= ofEvent && request.method().equals("PUT");
    }
    return counted;
  }

  private static long count(String kind, Map<String, Long> counts) {
    long uploads = kind.equals("LIST") ? counts.getOrDefault("LIST UPLOADS", 0L) : 0;
    return counts.getOrDefault(kind, 0L) + uploads;
  }

  private String image(String reference, int seed) throws IOException {
    byte[] large = Noise.of(1, 12 << 20);
    byte[] small = Noise.of(seed, 100);
    return TestImages.dockerSave(
            folder.resolve(seed + ".tar"),
            ImageSpec.small().withFile("large", large).withFile("small", small),
            reference)
        .toString();
  }
}
