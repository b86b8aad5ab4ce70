package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.DiagnosisException;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.ErrorMessage;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Paint;
import dev.s3dock.cli.render.PolicyText;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.ConfigException;
import dev.s3dock.config.Settings;
import dev.s3dock.config.TimeSpan;
import dev.s3dock.doctor.BucketChecks;
import dev.s3dock.doctor.Check;
import dev.s3dock.doctor.CheckResult;
import dev.s3dock.doctor.CheckRunner;
import dev.s3dock.doctor.CheckRunner.Running;
import dev.s3dock.doctor.Role;
import dev.s3dock.doctor.Verdict;
import dev.s3dock.image.Counted;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    customSynopsis = {
      "s3dock doctor [OPTIONS]",
      "s3dock doctor [OPTIONS] --policy ROLE [--host NAME]"
    },
    description = {
      "Check whether this machine can do its job.",
      "Looks at configuration, credentials, region and clock, what the store supports, each permission, whether the bucket is in order, the engine, git, free disk space, and the load balancers of this host. Prints one line for each check, and for each problem what to do.",
      "The exit code is 0 if no check failed; warnings do not count. Otherwise it is the code of the first failure: 2 configuration, 4 a store that ignores conditional writes, 5 an environment without a published image, 6 engine, 7 store, 1 this machine.",
      "Writes only scratch objects below temporary/doctor/, and removes them; with --role reader or deployer, it writes nothing."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock doctor",
      "  s3dock doctor --role reader --json",
      "  s3dock doctor --policy publisher > publisher.json"
    })
public final class DoctorCommand extends Action {
  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "The job: reader (pulls), deployer (deploys), publisher (builds, pushes; the default),"
              + " promoter (tags, promotes) or cleaner (cleans up).")
  Role role = Role.PUBLISHER;

  @Option(
      names = "--policy",
      paramLabel = "ROLE",
      description =
          "Run no checks; print the smallest IAM policy for this role and the configured bucket.")
  @Nullable Role policy;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description =
          "With --policy deployer (default: this host) or reader: allow the host of this name to deploy,"
              + " and to report its deployments.")
  @Nullable String host;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "Time limit of each check (default: 60s).")
  String timeout = "60s";

  @Override
  public Integer call() throws IOException {
    if (policy != null) {
      return super.call();
    }
    ProcessContext process = root().process();
    try {
      return super.call();
    } catch (ConfigException e) {
      List<CheckResult> findings = new ArrayList<>();
      findings.add(
          new CheckResult("configuration", Verdict.FAILURE, ErrorMessage.of(e), Optional.of(e)));
      try (CheckRunner runner = new CheckRunner(timeout())) {
        Stream<Running> running =
            DoctorChecks.machine(process, role, Optional.<Settings>empty()).stream()
                .map(runner::start);
        running.toList().forEach(check -> findings.addAll(runner.await(check)));
      }
      report(new Output(process, root().json), findings);
      return 0;
    }
  }

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    if (host != null && policy != Role.READER && policy != Role.DEPLOYER) {
      throw new UsageException("--host can only be used with --policy deployer or --policy reader");
    }
    if (policy != null) {
      print(wiring, policy, output);
      return;
    }
    report(output, examine(wiring));
  }

  private void print(Wiring wiring, Role asked, Output output) throws IOException {
    Optional<String> deploying =
        Optional.ofNullable(host)
            .or(
                () ->
                    asked == Role.DEPLOYER
                        ? Optional.of(wiring.registry().hostName())
                        : Optional.empty());
    PolicyText.print(
        wiring.settings(),
        wiring.stores().endpoint(),
        asked,
        deploying,
        wiring.host().targetGroups(),
        output);
  }

  private List<CheckResult> examine(Wiring wiring) {
    ProcessContext process = root().process();
    DoctorChecks checks = new DoctorChecks(wiring, process, role);
    List<CheckResult> findings = new ArrayList<>(checks.configuration());
    try (CheckRunner runner = new CheckRunner(timeout())) {
      Optional<BucketChecks> bucket = checks.bucket(findings::add);
      Optional<Running> reach = bucket.map(BucketChecks::reach).map(runner::start);
      List<Check> others = new ArrayList<>(List.of(checks.engine()));
      others.addAll(DoctorChecks.machine(process, role, Optional.of(wiring.settings())));
      others.addAll(checks.traffic());
      List<Running> machine = others.stream().map(runner::start).toList();
      reach.ifPresent(check -> findings.addAll(runner.await(check)));
      if (bucket.isPresent() && findings.stream().noneMatch(DoctorCommand::isFailure)) {
        List<Running> rest = bucket.get().rest().stream().map(runner::start).toList();
        rest.forEach(check -> findings.addAll(runner.await(check)));
      }
      machine.forEach(check -> findings.addAll(runner.await(check)));
    }
    return findings;
  }

  private Duration timeout() {
    return TimeSpan.limit(timeout)
        .filter(time -> !time.isZero())
        .orElseThrow(
            () -> new UsageException("--timeout must be a time such as 30s or 2m, not " + timeout));
  }

  private static boolean isFailure(CheckResult finding) {
    return finding.verdict() == Verdict.FAILURE;
  }

  private void report(Output output, List<CheckResult> findings) {
    Listing.<CheckResult>of("doctor", "findings")
        .about("role", role)
        .cell("VERDICT", finding -> finding.verdict().toString())
        .painted(finding -> paint(finding.verdict()))
        .column("CHECK", "check", CheckResult::check)
        .cell("FINDING", finding -> printable(finding.text()))
        .wraps()
        .field("verdict", CheckResult::verdict)
        .field("text", CheckResult::text)
        .end(() -> verdict(findings))
        .print(
            root().process(),
            output,
            rows -> findings.stream().filter(each -> isShown(each, output)).forEach(rows));
  }

  /** Silence tells cron that all is well. */
  private boolean isShown(CheckResult finding, Output output) {
    return !root().quiet || output.isJson() || finding.verdict() != Verdict.OK;
  }

  private static Paint paint(Verdict verdict) {
    return switch (verdict) {
      case OK -> Paint.GREEN;
      case WARNING -> Paint.YELLOW;
      case FAILURE -> Paint.RED;
    };
  }

  /** One line, without what could steer a terminal; what comes from a store is cut short before. */
  private static String printable(String text) {
    return text.replaceAll("\\p{C}+", " ").strip();
  }

  private void verdict(List<CheckResult> findings) {
    List<CheckResult> failures = findings.stream().filter(DoctorCommand::isFailure).toList();
    if (!failures.isEmpty()) {
      throw new DiagnosisException(
          "this machine cannot do the job of a %s: %d of %s failed, the first is '%s'"
              .formatted(
                  role,
                  failures.size(),
                  Counted.of(findings.size(), "check"),
                  failures.getFirst().check()),
          failures.getFirst().reason().orElseThrow());
    }
  }
}
