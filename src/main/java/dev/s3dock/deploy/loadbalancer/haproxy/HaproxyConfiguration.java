package dev.s3dock.deploy.loadbalancer.haproxy;

import static dev.s3dock.deploy.loadbalancer.haproxy.HaproxyRuntime.refused;

import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What stands in HAProxy's configuration files, as far as the Runtime API does not tell it: whether
 * it reads the state file when it starts, and whether it sends the header of proofs.
 */
final class HaproxyConfiguration {
  private static final String MARKED_DOWN =
      "default-server check inter 1s rise 1 observe layer4 error-limit 1 on-error mark-down";
  private static final String RETRY_ON = "retry-on conn-failure empty-response 503";

  private final List<Path> files;
  private final List<List<String>> lines; // words of each

  private HaproxyConfiguration(List<Path> files, List<List<String>> lines) {
    this.files = files;
    this.lines = lines;
  }

  static HaproxyConfiguration read(HaproxySettings settings, HaproxyRuntime runtime) {
    List<Path> files =
        settings
            .configuration()
            .map(List::of)
            .orElseGet(() -> runtime.configurationFiles().stream().map(Path::of).toList());
    List<List<String>> lines = new ArrayList<>();
    for (Path file : files) {
      if (!file.isAbsolute() || !Files.isReadable(file)) {
        throw refused(
            "%s has the configuration file %s, which cannot be read here: set the path that the file has on this host"
                .formatted(runtime, file));
      }
      lines.addAll(lines(file));
    }
    return new HaproxyConfiguration(files, lines);
  }

  private static List<List<String>> lines(Path file) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines
          .map(it -> List.of(it.replaceAll("(^|\\s)#.*", "").strip().split("\\s+")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The state file is written by s3dock and must be the one that HAProxy reads. */
  void requireStateFile(HaproxySettings settings, HaproxyRuntime runtime) {
    List<String> named =
        lines.stream()
            .filter(it -> it.getFirst().equals("server-state-file") && it.size() > 1)
            .map(it -> it.get(1))
            .toList();
    if (named.isEmpty()) {
      throw lacks(runtime, "global", "server-state-file " + settings.stateFile());
    }
    String name = Objects.requireNonNull(settings.stateFile().getFileName()).toString();
    if (named.stream().noneMatch(it -> Objects.equals(Path.of(it).getFileName(), Path.of(name)))) {
      throw refused(
          "%s reads its state from %s when it starts, but s3dock writes it to %s: set the same file for both"
              .formatted(runtime, String.join(" and ", named), settings.stateFile()));
    }
    if (lines.stream()
        .noneMatch(it -> it.equals(List.of("load-server-state-from-file", "global")))) {
      throw lacks(runtime, "backend " + settings.backend(), "load-server-state-from-file global");
    }
  }

  void requireProofHeader(HaproxyRuntime runtime) {
    requireWord(
        runtime,
        "http-request",
        LoadBalancer.PROBE_HEADER,
        "http-request set-var(txn.s3dock_probe) req.hdr(%s)".formatted(LoadBalancer.PROBE_HEADER));
    requireWord(
        runtime,
        "http-response",
        LoadBalancer.BACKEND_HEADER,
        "http-response set-header %s %%si:%%sp if { var(txn.s3dock_probe) -m str 1 }"
            .formatted(LoadBalancer.BACKEND_HEADER));
  }

  /** Without these a request that meets a dead server is not handed to the spare. */
  void requireRetries(HaproxyRuntime runtime) {
    requireWord(runtime, "option", "redispatch 1", "option redispatch 1");
    requireWord(runtime, "retry-on", "conn-failure", RETRY_ON);
    requireWord(runtime, "retry-on", "empty-response", RETRY_ON);
    requireWord(runtime, "retry-on", "503", RETRY_ON);
    requireWord(
        runtime,
        "http-request",
        "disable-l7-retry",
        "http-request disable-l7-retry unless { method GET HEAD OPTIONS } { srv_is_up(spare) }");
  }

  /**
   * Without these a backup gets nothing while the others refuse connections, and a request may give
   * up before it has come to one.
   */
  void requireMarkedDown(HaproxyRuntime runtime, int count) {
    for (String word : List.of("check", "observe layer4", "error-limit 1", "on-error mark-down")) {
      requireWord(runtime, "default-server", word, MARKED_DOWN);
    }
    if (count > 1) {
      requireWord(runtime, "option", "allbackups", "option allbackups");
    }
    boolean tries =
        lines.stream()
            .filter(it -> it.getFirst().equals("retries") && it.size() > 1)
            .anyMatch(it -> it.get(1).matches("\\d{1,4}") && Integer.parseInt(it.get(1)) >= count);
    if (!tries) {
      throw lacks(runtime, "backend", "retries " + Math.max(count, 3));
    }
  }

  private void requireWord(HaproxyRuntime runtime, String keyword, String word, String line) {
    String wanted = word.toLowerCase(Locale.ROOT);
    boolean there =
        lines.stream()
            .filter(it -> it.getFirst().equals(keyword))
            .anyMatch(it -> String.join(" ", it).toLowerCase(Locale.ROOT).contains(wanted));
    if (!there) {
      throw lacks(runtime, "backend", line);
    }
  }

  private LoadBalancerException lacks(HaproxyRuntime runtime, String section, String line) {
    return refused(
        "%s lacks a line in its section %s: add `%s` to %s and reload it (see docs/traffic-haproxy.md)"
            .formatted(
                runtime,
                section,
                line,
                String.join(" or ", files.stream().map(Path::toString).toList())));
  }
}
