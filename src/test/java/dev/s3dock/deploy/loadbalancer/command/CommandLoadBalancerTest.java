package dev.s3dock.deploy.loadbalancer.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol of docs/traffic-command.md. */
class CommandLoadBalancerTest {
  private static final Backend GREEN = new Backend(Colour.GREEN, "172.17.0.3", 8080);

  @TempDir Path folder;

  /** A command that is a line of shell; the step is its first argument. */
  private static LoadBalancer shell(String script) {
    return shell(script, Duration.ofMinutes(1));
  }

  private static LoadBalancer shell(String script, Duration timeout) {
    return new CommandLoadBalancer(
        new CommandSettings(List.of("sh", "-c", script, "command"), Map.of(), false, timeout));
  }

  private static LoadBalancerException failure(ThrowingCallable call) {
    LoadBalancerException e = catchThrowableOfType(LoadBalancerException.class, call);
    assertThat(e).isNotNull();
    return e;
  }

  @Test
  void each_step_comes_as_the_last_argument_and_with_its_facts() {
    Path log = folder.resolve("log");
    LoadBalancer loadBalancer =
        new CommandLoadBalancer(
            new CommandSettings(
                List.of(
                    "sh",
                    "-c",
                    """
                    echo "$1 $2 $S3DOCK_STEP ${S3DOCK_COLOUR-} ${S3DOCK_HOST-} ${S3DOCK_PORT-} ${S3DOCK_ADDRESS-} <${S3DOCK_SPARE_COLOUR-none} ${S3DOCK_SPARE_HOST-} ${S3DOCK_SPARE_PORT-} ${S3DOCK_SPARE_ADDRESS-}> $OWN" >>"$LOG"
                    case $2 in
                      live) echo "green [::1]:8080" ;;
                      in-flight) echo 7 ;;
                    esac
                    """,
                    "command",
                    "given"),
                Map.of("LOG", log.toString(), "OWN", "own"),
                true,
                Duration.ofMinutes(1)));
    Backend six = new Backend(Colour.GREEN, "::1", 8080);
    loadBalancer.check(1);
    loadBalancer.direct(six, Optional.of(new Backend(Colour.BLUE, "10.0.0.1", 80)));
    loadBalancer.direct(six, Optional.empty());
    assertThat(loadBalancer.inFlight(six)).hasValue(7);
    loadBalancer.release(six);
    assertThat(log)
        .hasContent(
            """
            given check check     <none   > own
            given direct direct green ::1 8080 [::1]:8080 <blue 10.0.0.1 80 10.0.0.1:80> own
            given live live     <none   > own
            given direct direct green ::1 8080 [::1]:8080 <   > own
            given live live     <none   > own
            given in-flight in-flight green ::1 8080 [::1]:8080 <none   > own
            given release release green ::1 8080 [::1]:8080 <none   > own
            """);
  }

  @Test
  void of_several_servers_all_addresses_come_and_are_told() {
    Path log = folder.resolve("several");
    LoadBalancer loadBalancer =
        shell(
            """
            echo "$1 ${S3DOCK_SERVERS-} ${S3DOCK_ADDRESS-} <${S3DOCK_ADDRESSES-}> <${S3DOCK_SPARE_ADDRESSES-}>" >>%s
            case $1 in live) echo "green 127.0.0.1:20001 [::1]:20002" ;; esac
            """
                .formatted(log));
    Backend two =
        new Backend(
            Colour.GREEN, List.of(new Server("127.0.0.1", 20_001), new Server("::1", 20_002)));
    loadBalancer.check(2);
    loadBalancer.direct(two, Optional.of(new Backend(Colour.BLUE, "10.0.0.1", 80)));
    assertThat(log)
        .hasContent(
            """
            check 2  <> <>
            direct  127.0.0.1:20001 <127.0.0.1:20001 [::1]:20002> <10.0.0.1:80>
            live   <> <>
            """);
    Backend one = new Backend(Colour.GREEN, "127.0.0.1", 20_001);
    assertThat(failure(() -> loadBalancer.direct(one, Optional.empty())))
        .hasMessageContaining("but traffic goes to green at 127.0.0.1:20001, [::1]:20002");
  }

  @Test
  void both_sides_of_an_update_one_after_the_other_come_and_are_told() {
    Path log = folder.resolve("shared");
    LoadBalancer loadBalancer =
        shell(
            """
            echo "$1 ${S3DOCK_SERVERS-} ${S3DOCK_UPDATE-} <${S3DOCK_COLOUR-} ${S3DOCK_ADDRESSES-}> <${S3DOCK_FORMER_COLOUR-} ${S3DOCK_FORMER_ADDRESSES-}>" >>%s
            case $1 in
              check) echo "${S3DOCK_UPDATE-}" ;;
              live) echo "blue 10.0.0.1:80"; echo "green 127.0.0.1:20001 [::1]:20002" ;;
            esac
            """
                .formatted(log));
    Backend two =
        new Backend(
            Colour.GREEN, List.of(new Server("127.0.0.1", 20_001), new Server("::1", 20_002)));
    Backend former = new Backend(Colour.BLUE, "10.0.0.1", 80);
    loadBalancer.checkSharing(2);
    loadBalancer.share(two, former);
    assertThat(log)
        .hasContent(
            """
            check 2 rolling < > < >
            share   <green 127.0.0.1:20001 [::1]:20002> <blue 10.0.0.1:80>
            live   < > < >
            """);
    assertThat(loadBalancer.serving()).containsExactlyInAnyOrder(two, former);
    assertThat(failure(loadBalancer::live).kind()).isEqualTo(Kind.UNCLEAR);
    assertThat(failure(() -> loadBalancer.direct(two, Optional.empty())))
        .hasMessageContaining(
            "but traffic goes to blue at 10.0.0.1:80 and green at 127.0.0.1:20001, [::1]:20002");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "echo ok", "test -z ${S3DOCK_UPDATE-}"})
  void a_command_that_has_never_heard_of_two_sides_is_refused_at_once(String script) {
    LoadBalancerException e = failure(() -> shell(script).checkSharing(3));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    if (!script.startsWith("test")) {
      assertThat(e).hasMessageContainingAll("update", "all-at-once", "docs/traffic-command.md");
    }
  }

  @Test
  void the_load_balancer_identifies_only_if_the_settings_say_so() {
    assertThat(shell("true").identifies()).isFalse();
  }

  @Test
  void nobody_is_live_and_nothing_is_known() {
    LoadBalancer loadBalancer =
        shell("case $1 in live) echo none ;; in-flight) echo unknown ;; esac");
    assertThat(loadBalancer.live()).isEmpty();
    assertThat(loadBalancer.inFlight(GREEN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "green",
        "red 172.17.0.3:8080",
        "green web:80",
        "green 172.17.0.3",
        "green 1.2.3.4:0",
        "green 1.2.3.4:99999",
        "green 1.2.3.999:80",
        "green 1.2.3.4:80 blue 1.2.3.5:80",
        "green 1.2.3.4:80\ngreen 1.2.3.5:80",
        "green 1.2.3.4:80\nred 1.2.3.5:80",
      })
  void another_answer_about_who_is_live_is_refused(String answer) {
    LoadBalancer loadBalancer = shell("echo '" + answer + "'");
    LoadBalancerException e = failure(loadBalancer::live);
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e).hasMessageContaining("'" + answer + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "many"})
  void another_number_in_flight_is_refused(String answer) {
    LoadBalancer loadBalancer = shell("echo '" + answer + "'");
    assertThat(failure(() -> loadBalancer.inFlight(GREEN)).kind()).isEqualTo(Kind.REFUSED);
  }

  @ParameterizedTest
  @CsvSource({"1,REFUSED", "64,REFUSED", "127,REFUSED", "69,UNAVAILABLE", "78,UNCLEAR"})
  void the_status_tells_what_failed_and_the_command_says_why(int status, Kind kind) {
    LoadBalancer loadBalancer = shell("echo 'so it is' >&2; exit " + status);
    LoadBalancerException e = failure(() -> loadBalancer.check(1));
    assertThat(e.kind()).isEqualTo(kind);
    assertThat(e).hasMessageContainingAll("so it is", "status " + status, "check");
  }

  @Test
  void a_command_that_is_killed_or_does_not_end_may_have_done_it() {
    assertThat(failure(() -> shell("kill -9 $$").direct(GREEN, Optional.empty())).kind())
        .isEqualTo(Kind.UNAVAILABLE);
    LoadBalancer loadBalancer = shell("sleep 100", Duration.ofMillis(300));
    LoadBalancerException e = failure(() -> loadBalancer.direct(GREEN, Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(e).hasMessageContaining("300 ms");
  }

  @Test
  void a_command_that_is_not_there_is_refused() {
    LoadBalancer loadBalancer =
        new CommandLoadBalancer(
            new CommandSettings(
                List.of(folder.resolve("none").toString()),
                Map.of(),
                false,
                Duration.ofSeconds(30)));
    assertThat(failure(() -> loadBalancer.check(1)).kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void a_command_that_succeeds_and_does_nothing_is_found_out() {
    LoadBalancerException e =
        failure(() -> shell("[ $1 = direct ] || echo none").direct(GREEN, Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e).hasMessageContaining("goes to no container");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1A", "A-B", "S3DOCK_HOST"})
  void a_variable_needs_a_name_that_is_not_ours(String name) {
    assertThatThrownBy(
            () ->
                new CommandSettings(
                    List.of("true"), Map.of(name, "x"), false, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + name + "'");
  }
}
