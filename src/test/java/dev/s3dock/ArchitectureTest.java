package dev.s3dock;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The structure of ARCHITECTURE.md, held by the build. */
@AnalyzeClasses(packages = "dev.s3dock", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "dev.s3dock.";
  private static final Set<String> DRIVER =
      Set.of("image", "http", "process", "deploy.loadbalancer", "deploy.host");
  private static final Set<String> CLI_PARTS =
      Set.of(
          "image",
          "concurrent",
          "archive*",
          "engine",
          "store",
          "registry*",
          "transfer*",
          "distribution*",
          "verify",
          "deploy",
          "deploy.service",
          "deploy.loadbalancer",
          "agent*",
          "rollout",
          "telemetry",
          "doctor",
          "config",
          "cli.invocation",
          "cli.render",
          "cli.wiring",
          "distribution.client",
          "distribution.copy");

  /** Which packages of the program a package may use; ARCHITECTURE.md shows it as a picture. */
  private static final Map<String, Set<String>> MAY_USE = mayUse();

  private static final int MOST_FILES = 25;

  private static Map<String, Set<String>> mayUse() {
    Map<String, Set<String>> table = new TreeMap<>();
    table.put("image", Set.of());
    table.put("concurrent", Set.of());
    table.put("process", Set.of("concurrent"));
    table.put("http", Set.of());
    table.put("pem", Set.of());
    table.put("store", Set.of());
    table.put("store.s3.access", Set.of("store", "pem"));
    table.put("store.s3", Set.of("store", "store.s3.access"));
    table.put("store.file", Set.of("store"));
    table.put("archive", Set.of("image"));
    table.put("archive.codec", Set.of("image", "archive"));
    table.put("archive.cache", Set.of("image", "archive"));
    table.put("archive.oci", Set.of("image", "archive"));
    table.put("archive.source", Set.of("image", "archive", "archive.oci"));
    table.put(
        "archive.write",
        Set.of(
            "image",
            "concurrent",
            "archive",
            "archive.codec",
            "archive.cache",
            "archive.oci",
            "archive.source"));
    table.put(
        "archive.read",
        Set.of("image", "concurrent", "archive", "archive.codec", "archive.cache", "archive.oci"));
    table.put("engine", Set.of("image"));
    table.put(
        "engine.docker", Set.of("image", "engine", "engine.docker.api", "engine.docker.build"));
    table.put("engine.docker.api", Set.of("image", "http", "pem", "engine"));
    table.put(
        "engine.docker.build",
        Set.of("image", "http", "process", "login", "engine", "engine.docker.api"));
    table.put("login", Set.of("process"));
    table.put("distribution.client", Set.of("image", "http", "pem", "login"));
    table.put(
        "distribution.copy",
        Set.of(
            "image",
            "concurrent",
            "archive*",
            "store",
            "registry",
            "registry.audit",
            "transfer",
            "transfer.push",
            "distribution.client"));
    table.put("git", Set.of("image", "process"));
    table.put("registry", Set.of("image", "concurrent", "store"));
    table.put("registry.report", Set.of("image", "store", "registry"));
    table.put(
        "registry.reference",
        Set.of("image", "concurrent", "store", "registry", "registry.report"));
    table.put("registry.audit", Set.of("image", "concurrent", "store", "registry"));
    table.put(
        "registry.promotion",
        Set.of(
            "image",
            "concurrent",
            "store",
            "registry",
            "registry.audit",
            "registry.reference",
            "registry.report"));
    table.put("registry.layer", Set.of("image", "concurrent", "store", "registry"));
    table.put(
        "registry.gc",
        Set.of(
            "image",
            "concurrent",
            "store",
            "registry",
            "registry.audit",
            "registry.layer",
            "registry.reference",
            "registry.report"));
    table.put("transfer", Set.of("image", "concurrent", "archive*", "engine", "store", "registry"));
    table.put("transfer.build", Set.of("image", "engine", "git", "transfer"));
    table.put("transfer.loopback", Set.of("image", "engine"));
    table.put(
        "transfer.export", Set.of("image", "archive*", "engine", "transfer", "transfer.loopback"));
    table.put(
        "transfer.push",
        Set.of(
            "transfer.export",
            "transfer.loopback",
            "image",
            "concurrent",
            "archive*",
            "engine",
            "store",
            "registry",
            "registry.audit",
            "registry.layer",
            "transfer"));
    table.put(
        "transfer.pull",
        Set.of(
            "image",
            "concurrent",
            "archive*",
            "engine",
            "store",
            "registry",
            "transfer",
            "transfer.loopback"));
    table.put(
        "verify", Set.of("image", "concurrent", "archive*", "store", "registry*", "transfer"));
    table.put(
        "distribution", Set.of("image", "concurrent", "archive*", "store", "registry", "transfer"));
    table.put("distribution.loopback", Set.of("image", "transfer.loopback"));
    table.put(
        "distribution.server",
        Set.of("image", "pem", "archive", "store", "distribution", "telemetry"));
    table.put("deploy.loadbalancer", Set.of("image", "http"));
    table.put("deploy.loadbalancer.haproxy", DRIVER);
    table.put("deploy.loadbalancer.nginx", DRIVER);
    table.put("deploy.loadbalancer.caddy", DRIVER);
    table.put("deploy.loadbalancer.command", DRIVER);
    table.put(
        "deploy.loadbalancer.alb",
        Set.of("image", "http", "deploy.loadbalancer", "store.s3.access"));
    table.put("deploy.service", Set.of("image", "engine", "deploy.loadbalancer"));
    table.put("deploy.health", Set.of("image", "engine", "deploy.service", "deploy.loadbalancer"));
    table.put("deploy.host", Set.of("image", "process", "deploy.service"));
    table.put(
        "deploy",
        Set.of(
            "image",
            "engine",
            "store",
            "registry",
            "registry.audit",
            "registry.report",
            "transfer.pull",
            "deploy.service",
            "deploy.health",
            "deploy.host",
            "deploy.loadbalancer"));
    table.put(
        "deploy.target",
        Set.of("image", "process", "store", "registry", "deploy", "deploy.service", "deploy.host"));
    table.put("telemetry", Set.of("image"));
    table.put(
        "rollout",
        Set.of(
            "image",
            "concurrent",
            "store",
            "registry",
            "registry.audit",
            "registry.promotion",
            "registry.report"));
    table.put(
        "agent",
        Set.of(
            "image",
            "store",
            "registry",
            "registry.report",
            "rollout",
            "deploy",
            "deploy.service",
            "deploy.loadbalancer"));
    table.put("agent.metrics", Set.of("image", "agent", "deploy.service"));
    table.put("agent.host", Set.of("agent", "process"));
    table.put("doctor", Set.of("image", "archive*", "engine", "git", "store", "registry"));
    table.put("config", Set.of("image"));
    table.put("cli", Set.of("*"));
    table.put("cli.invocation", Set.of("image", "config"));
    table.put("cli.render", CLI_PARTS);
    table.put("cli.progress", CLI_PARTS);
    table.put("cli.wiring", Set.of("*"));
    table.put("cli.image", CLI_PARTS);
    table.put("cli.deploy", CLI_PARTS);
    table.put("cli.bucket", CLI_PARTS);
    return table;
  }

  @ArchTest
  static void packages_use_only_what_the_table_allows(JavaClasses classes) {
    assertThat(
            classes.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(use -> isOurs(use.getTargetClass()))
                .filter(use -> !allowed(room(use.getOriginClass()), room(use.getTargetClass())))
                .map(Dependency::getDescription))
        .isEmpty();
  }

  @ArchTest
  static void every_package_is_in_the_table(JavaClasses classes) {
    assertThat(classes.stream().map(ArchitectureTest::room).distinct())
        .containsExactlyInAnyOrderElementsOf(MAY_USE.keySet());
  }

  @ArchTest
  static void no_package_has_more_than_25_files(JavaClasses classes) {
    Map<String, Long> files =
        classes.stream()
            .filter(type -> type.isTopLevelClass())
            .collect(Collectors.groupingBy(ArchitectureTest::room, Collectors.counting()));
    assertThat(files.values()).allMatch(count -> count <= MOST_FILES);
  }

  @ArchTest
  static void no_two_classes_share_a_name(JavaClasses classes) {
    assertThat(
            classes.stream()
                .filter(type -> type.isTopLevelClass())
                .map(JavaClass::getSimpleName)
                .filter(name -> !name.equals("package-info")))
        .doesNotHaveDuplicates();
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().startsWith(ROOT);
  }

  /** The package below the root. */
  private static String room(JavaClass type) {
    return type.getPackageName().substring(ROOT.length());
  }

  /** A name that ends in a star stands for a package and those below it. */
  private static boolean allowed(String user, String used) {
    return user.equals(used)
        || MAY_USE.getOrDefault(user, Set.of()).stream()
            .anyMatch(
                name ->
                    name.endsWith("*")
                        ? (used + ".").startsWith(name.replace("*", ""))
                        : name.equals(used));
  }

  @ArchTest
  static final ArchRule NO_CYCLES = slices().matching("dev.s3dock.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ADAPTERS_ARE_NAMED_ONLY_WHERE_PARTS_ARE_WIRED =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "..cli.wiring..",
              "..store.s3..",
              "..store.file..",
              "..engine.docker..",
              "dev.s3dock.deploy.loadbalancer.alb") // who asks AWS, and on which way
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..store.s3..", "..store.file..", "..engine.docker..");

  @ArchTest
  static final ArchRule AWS_SDK_ONLY_IN_ITS_ADAPTERS =
      onlyIn("software.amazon..", "..store.s3..", "dev.s3dock.deploy.loadbalancer.alb");

  @ArchTest
  static final ArchRule HTTP_CLIENT_ONLY_IN_ITS_ROOM_AND_PROBES =
      onlyIn("org.apache.hc..", "dev.s3dock.http", "dev.s3dock.deploy.health");

  @ArchTest
  static final ArchRule HTTP_SERVER_ONLY_IN_ITS_ROOM =
      onlyIn(
          "org.eclipse.jetty..",
          "dev.s3dock.distribution.server",
          "dev.s3dock.distribution.loopback",
          "dev.s3dock.telemetry");

  @ArchTest
  static final ArchRule METRICS_ONLY_WHERE_THEY_ARE_SERVED =
      onlyIn(
          "io.prometheus..",
          "dev.s3dock.distribution.server",
          "dev.s3dock.telemetry",
          "dev.s3dock.agent.metrics");

  @ArchTest static final ArchRule PICOCLI_ONLY_IN_CLI = onlyIn("picocli..", "..cli..");

  @ArchTest
  static final ArchRule NAMES_AND_PORTS_USE_THE_JDK_ONLY =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.s3dock.image",
              "dev.s3dock.concurrent",
              "dev.s3dock.process",
              "dev.s3dock.store",
              "dev.s3dock.engine")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("dev.s3dock..", "java..", "org.jspecify..", "com.google.re2j..");

  @ArchTest
  static final ArchRule RE2_ONLY_FOR_IGNORE_FILES =
      onlyIn("com.google.re2j..", "dev.s3dock.engine");

  @ArchTest
  static final ArchRule STANDARD_STREAMS_AND_EXIT_ONLY_IN_CLI =
      noClasses()
          .that()
          .resideOutsideOfPackage("..cli..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule TIME_COMES_FROM_AN_INJECTED_CLOCK =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(OffsetDateTime.class, "now")
          .orShould()
          .callMethod(ZonedDateTime.class, "now")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule THE_CLOCK_IS_MADE_IN_CLI =
      noClasses()
          .that()
          .resideOutsideOfPackage("..cli..")
          .should()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(Clock.class, "systemDefaultZone");

  @ArchTest
  static final ArchRule CHILD_PROCESSES_ONLY_WHERE_NEEDED =
      noClasses()
          .that()
          .resideOutsideOfPackage("..process..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(ProcessBuilder.class);

  private static ArchRule onlyIn(String library, String... homes) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(homes)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .allowEmptyShould(true);
  }
}
