package dev.s3dock.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskSpaceTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "5000, true, OK",
    "5000, false, OK",
    "2047, true, WARNING",
    "127, true, FAILURE",
    "127, false, WARNING",
    "0, true, FAILURE"
  })
  void little_room_is_a_warning_and_none_a_failure_where_it_is_needed(
      long mebibytes, boolean needed, Verdict verdict) {
    CheckResult finding = DiskSpace.judge("disk", folder, mebibytes << 20, needed);
    assertThat(finding.verdict()).isEqualTo(verdict);
    assertThat(finding.text()).contains("MiB free in " + folder);
    assertThat(finding.text().contains("free some space")).isEqualTo(verdict != Verdict.OK);
  }

  @Test
  void the_room_of_an_engine_is_measured_where_its_folder_can_be_seen() {
    List<CheckResult> findings = new ArrayList<>();
    for (String unseen : List.of("", "relative", folder + "/absent", "\0")) {
      EngineChecks.room(unseen, findings::add);
    }
    assertThat(findings).isEmpty();
    EngineChecks.room(folder.toString(), findings::add);
    assertThat(findings).extracting(CheckResult::check).containsExactly("engine's disk");
  }
}
