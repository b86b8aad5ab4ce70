package dev.s3dock.cli.render;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.TextWidth;
import dev.s3dock.image.Counted;
import dev.s3dock.image.Printable;
import dev.s3dock.verify.Finding;
import dev.s3dock.verify.Verifier.Start;
import dev.s3dock.verify.VerifyResult;
import java.util.ArrayList;
import java.util.List;

/** What verify finds, for people, or for scripts that read lines. */
public final class VerifyText {
  private static final int INDENT = 13;
  private static final int NARROWEST = 12;

  private final ProcessContext process;

  public VerifyText(ProcessContext process) {
    this.process = process;
  }

  /** A finding: two parts on a terminal, four cells elsewhere. At once, since a run may be long. */
  public void row(Finding finding) {
    String key = Printable.of(finding.key());
    String problem = Printable.of(finding.problem());
    String severity = finding.severity().toString();
    if (!process.display().showsTables()) {
      process
          .out()
          .println(
              String.join(
                  "\t", paint(finding).onOut(severity, process), key, problem, finding.remedy()));
      return;
    }
    String remedy = finding.remedy().isEmpty() ? "" : "; " + finding.remedy();
    int width = Math.max(NARROWEST, process.display().columns() - INDENT);
    String first = TextWidth.pad(severity, INDENT);
    for (String line : Table.lines(key, width)) {
      process.out().println(paint(finding).onOut(first, process) + line);
      first = " ".repeat(INDENT);
    }
    Table.lines(problem + remedy, width)
        .forEach(line -> process.out().println(" ".repeat(INDENT) + line));
  }

  private static Paint paint(Finding finding) {
    return switch (finding.severity()) {
      case DAMAGE -> Paint.RED;
      case NOT_CHECKED -> Paint.YELLOW;
      case LEFTOVER, NOTE -> Paint.NONE;
    };
  }

  /** The last line. */
  public void summary(VerifyResult summary, boolean complete, boolean deep) {
    List<String> found = new ArrayList<>();
    add(found, summary.damaged(), "damaged");
    add(found, summary.leftOver(), "left over");
    add(found, summary.notes(), summary.notes() == 1 ? "note" : "notes");
    add(found, summary.notChecked(), "not checked");
    process
        .out()
        .println(
            "%s %s (%s%s), %s, %s, %s: %s"
                .formatted(
                    complete ? "verified" : "incomplete:",
                    Counted.of(summary.images(), "image"),
                    Sizes.of(summary.bytes()),
                    deep || summary.bytesRead() > 0
                        ? ", %s read".formatted(Sizes.of(summary.bytesRead()))
                        : "",
                    Counted.of(
                        summary.pointers(), "version and environment", "versions and environments"),
                    Counted.of(summary.reports(), "report"),
                    Counted.of(summary.events(), "event"),
                    found.isEmpty() ? "no problems found" : String.join(", ", found)));
  }

  private static void add(List<String> found, long count, String what) {
    if (count > 0) {
      found.add(count + " " + what);
    }
  }

  /** How to go on with what was not finished; the reason follows as the command's error. */
  public void next(Start next, boolean all, boolean deep) {
    process
        .err()
        .println(
            "to continue: s3dock verify %s%s --from %s"
                .formatted(all ? "--all" : next.app(), deep ? " --deep" : "", next));
  }
}
