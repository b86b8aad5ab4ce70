package dev.s3dock;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;

/** The structure of ARCHITECTURE.md, held by the build. */
@AnalyzeClasses(packages = "dev.s3dock", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule PACKAGES_USE_ONLY_WHAT_THE_TABLE_ALLOWS =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.s3dock..")
          .withOptionalLayers(true)
          .layer("image")
          .definedBy("dev.s3dock.image")
          .layer("store")
          .definedBy("dev.s3dock.store")
          .layer("store adapters")
          .definedBy("dev.s3dock.store.s3", "dev.s3dock.store.file")
          .layer("archive")
          .definedBy("dev.s3dock.archive")
          .layer("engine")
          .definedBy("dev.s3dock.engine")
          .layer("engine adapter")
          .definedBy("dev.s3dock.engine.docker")
          .layer("git")
          .definedBy("dev.s3dock.git")
          .layer("registry")
          .definedBy("dev.s3dock.registry")
          .layer("transfer")
          .definedBy("dev.s3dock.transfer")
          .layer("deploy")
          .definedBy("dev.s3dock.deploy")
          .layer("deploy adapters")
          .definedBy("dev.s3dock.deploy.traffic", "dev.s3dock.deploy.host")
          .layer("doctor")
          .definedBy("dev.s3dock.doctor")
          .layer("config")
          .definedBy("dev.s3dock.config")
          .layer("cli")
          .definedBy("dev.s3dock.cli")
          .whereLayer("image")
          .mayNotAccessAnyLayer()
          .whereLayer("store")
          .mayNotAccessAnyLayer()
          .whereLayer("store adapters")
          .mayOnlyAccessLayers("store")
          .whereLayer("archive")
          .mayOnlyAccessLayers("image")
          .whereLayer("engine")
          .mayOnlyAccessLayers("image")
          .whereLayer("engine adapter")
          .mayOnlyAccessLayers("image", "engine")
          .whereLayer("git")
          .mayOnlyAccessLayers("image")
          .whereLayer("registry")
          .mayOnlyAccessLayers("image", "store")
          .whereLayer("transfer")
          .mayOnlyAccessLayers("image", "archive", "engine", "git", "store", "registry")
          .whereLayer("deploy")
          .mayOnlyAccessLayers("image", "engine", "store", "registry", "transfer")
          .whereLayer("deploy adapters")
          .mayOnlyAccessLayers("image", "deploy")
          .whereLayer("doctor")
          .mayOnlyAccessLayers("image", "archive", "engine", "git", "store", "registry")
          .whereLayer("config")
          .mayOnlyAccessLayers("image")
          .whereLayer("store adapters")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("engine adapter")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("deploy adapters")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule NO_CYCLES = slices().matching("dev.s3dock.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule AWS_SDK_ONLY_IN_ITS_ADAPTER = onlyIn("software.amazon..", "..store.s3..");

  @ArchTest
  static final ArchRule DOCKER_JAVA_ONLY_IN_ITS_ADAPTER =
      onlyIn("com.github.dockerjava..", "..engine.docker..");

  @ArchTest
  static final ArchRule HTTP_CLIENT_ONLY_IN_PROBES = onlyIn("org.apache.hc..", "..deploy");

  @ArchTest static final ArchRule PICOCLI_ONLY_IN_CLI = onlyIn("picocli..", "..cli..");

  @ArchTest
  static final ArchRule NAMES_AND_PORTS_USE_THE_JDK_ONLY =
      noClasses()
          .that()
          .resideInAnyPackage("dev.s3dock.image", "dev.s3dock.store", "dev.s3dock.engine")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("dev.s3dock..", "java..", "org.jspecify..");

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
          .resideOutsideOfPackages("..git..", "..engine.docker..", "..deploy.host..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(ProcessBuilder.class);

  private static ArchRule onlyIn(String library, String home) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(home)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .allowEmptyShould(true);
  }
}
