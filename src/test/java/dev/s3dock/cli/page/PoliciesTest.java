package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.Ask;
import dev.s3dock.cli.User;
import dev.s3dock.cli.bucket.DoctorFixture;
import dev.s3dock.distribution.Repositories;
import dev.s3dock.distribution.Repository;
import dev.s3dock.distribution.server.ServedBucket;
import dev.s3dock.doctor.Policy;
import dev.s3dock.doctor.Policy.Scope;
import dev.s3dock.doctor.Policy.Statement;
import dev.s3dock.doctor.Role;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.ImageMetadata.ServedManifest;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Manifests;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.DeploymentEvent;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.rollout.RolloutMarks;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoredObject;
import dev.s3dock.store.UnfinishedUpload;
import dev.s3dock.store.s3.ConditionalWrites;
import dev.s3dock.store.s3.S3ObjectStore;
import dev.s3dock.store.s3.S3Settings;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A role's policy allows each request that its commands send, and nothing that none of them sends:
 * a proxy notes the requests of real commands, and each is translated into what IAM asks for.
 */
class PoliciesTest {
  private static final String OLD = "my-app:20250720-0800-1234567";
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String NEXT = "my-app:20250722-1000-abcdef0";
  private static final String HOST = "web-1";

  @TempDir Path folder;
  private final S3Server server = S3Servers.s3Mock();
  private DoctorFixture fixture;
  private FaultProxy proxy;
  private int noted;

  @BeforeEach
  void stand() throws IOException {
    fixture = new DoctorFixture(folder, server);
    proxy = FaultProxy.inFrontOf(server.endpoint());
    fixture.at(proxy.endpoint());
  }

  @AfterEach
  void leave() {
    proxy.close();
  }

  /** What was asked for since the last call. */
  private Set<Ask> asked() {
    List<Request> all = proxy.requests();
    Set<Ask> asks =
        all.subList(noted, all.size()).stream()
            .flatMap(Ask::of)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    noted = all.size();
    return asks;
  }

  private Policy policy(Role role, Optional<String> host) {
    return Policy.of(
        role,
        new Scope(
            fixture.bucket(),
            Optional.empty(),
            Optional.of(S3ObjectStore.PROBES),
            host,
            List.of()));
  }

  private static boolean matches(String pattern, String text) {
    return Pattern.matches(
        Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
        text);
  }

  private static boolean allows(Policy policy, Ask ask) {
    return policy.statements().stream().anyMatch(statement -> allows(statement, ask));
  }

  private static boolean allows(Statement statement, Ask ask) {
    return statement.actions().contains(ask.action())
        && statement.resources().stream().anyMatch(it -> matches(it, ask.resource()));
  }

  /** Each action on each resource of the policy was asked for, and nothing else. */
  private void assertFits(Policy policy, Set<Ask> asks) {
    assertThat(asks).isNotEmpty().allMatch(ask -> allows(policy, ask));
    for (Statement statement : policy.statements()) {
      for (String action : statement.actions()) {
        for (String resource : statement.resources()) {
          assertThat(asks)
              .as(action + " on " + resource)
              .anyMatch(ask -> ask.action().equals(action) && matches(resource, ask.resource()));
        }
      }
    }
  }

  private void s3dock(String... args) {
    fixture.user().s3dock(args).ok();
  }

  private String image(String reference, int seed) {
    byte[] large = Noise.of(1, 12 << 20);
    byte[] small = Noise.of(seed, 100);
    return TestImages.dockerSave(
            folder.resolve(seed + ".tar"),
            ImageSpec.small().withFile("large", large).withFile("small", small),
            reference)
        .toString();
  }

  private void publishAndPromote() {
    s3dock("push", OLD, "--from", image(OLD, 1));
    s3dock("push", REF, "--from", image(REF, 2));
    s3dock("tag", REF, "v1");
    s3dock("promote", "my-app", "v1", "production");
    deployments()
        .report(
            ImageReference.parse(REF).app(),
            new Environment("production"),
            ImageReference.parse(REF),
            Optional.empty(),
            "blue",
            "d1",
            false);
    forgetProbe();
    asked();
  }

  /** Another machine has not seen yet that this store honours conditions. */
  private void forgetProbe() {
    try {
      Files.deleteIfExists(folder.resolve("no-probes"));
      Files.deleteIfExists(fixture.user().home().resolve(".cache/s3dock/stores.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private S3ObjectStore store() {
    return S3ObjectStore.open(
        new S3Settings(
            fixture.bucket(),
            Optional.of(proxy.endpoint()),
            Optional.of(server.region()),
            Optional.of(new Credentials(server.accessKey(), server.secretKey(), Optional.empty())),
            1,
            ConditionalWrites.REQUIRED,
            folder.resolve("no-probes")));
  }

  private static Actor actor() {
    return new Actor("root", HOST, "test");
  }

  private Deployments deployments() {
    return new Deployments(store(), Clock.systemUTC(), actor());
  }

  private void lookAtEverything() {
    s3dock("current", "my-app", "production");
    s3dock("list", "apps");
    s3dock("list", "images", "my-app");
    s3dock("list", "tags", "my-app");
    s3dock("list", "envs", "my-app");
    s3dock("list", "tag-for", "my-app", "production");
    s3dock("audit", "my-app");
    s3dock("history", "my-app", "production");
    s3dock("inspect", "my-app", "production");
    serve();
    String file = folder.resolve("pulled-" + noted + ".tar.gz").toString();
    s3dock("pull", "my-app", "production", "--to", file);
  }

  /** What an engine asks {@code serve} for that pulls an image, by environment and by digest. */
  private void serve() {
    for (String reference : List.of("production", "")) {
      try (S3ObjectStore store = store()) {
        Clock clock = Clock.systemUTC();
        Images images = new Images(store, clock);
        Repository repository =
            new Repositories(
                    store,
                    images,
                    new Manifests(store, clock),
                    new Pointers(store, images, clock, actor()),
                    Optional.empty(),
                    0)
                .named("my-app");
        ServedManifest manifest =
            images.require(ImageReference.parse(REF)).metadata().manifest().orElseThrow();
        String asked = reference.isEmpty() ? manifest.digest().toString() : reference;
        assertThat(repository.manifest(asked, "").bytes()).isNotEmpty();
        assertThat(repository.tags()).contains("production");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void a_reader_reads() {
    publishAndPromote();
    lookAtEverything();
    fixture.doctor("--role", "reader").fails("engine");
    assertFits(policy(Role.READER, Optional.empty()), asked());
  }

  @Test
  void a_host_that_deploys_reports_it_besides() {
    publishAndPromote();
    lookAtEverything();
    deployments()
        .report(
            ImageReference.parse(REF).app(),
            new Environment("production"),
            ImageReference.parse(REF),
            Optional.empty(),
            "green",
            "d2",
            false);
    deployments()
        .say(
            ImageReference.parse(REF).app(),
            new Environment("production"),
            new AgentReport("1", REF, "", REF, "healthy", "", "", Optional.empty(), 0, "", 15));
    new AuditLog(store(), Clock.systemUTC(), actor())
        .append(
            ImageReference.parse(REF),
            new DeploymentEvent(false, REF, "production", "d2", REF, "", "live", "", Map.of()));
    markRollout();
    Policy policy = policy(Role.DEPLOYER, Optional.of(HOST));
    assertFits(policy, asked());
    assertThat(policy).isEqualTo(policy(Role.READER, Optional.of(HOST)));
    assertThat(allows(policy, put("deployments/my-app/production/web-2.json"))).isFalse();
  }

  private void markRollout() {
    RolloutMarks marks =
        new RolloutMarks(
            store(),
            Clock.systemUTC(),
            actor(),
            ImageReference.parse(REF).app(),
            new Environment("production"));
    String target = "0123456789abcdef";
    for (int time = 0; time < 2; time++) {
      marks.begin(target);
      marks.healthy(target);
    }
    marks.withdraw(target);
  }

  @Test
  void a_publisher_pushes() throws IOException {
    publishAndPromote();
    s3dock("push", REF, "--from", image(REF, 2)); // skipped
    proxy.spoil(
        1,
        request -> request.target().contains("/archive/") && request.target().contains(".json"),
        new Fault.Repeat());
    s3dock("push", REF, "--from", image(REF, 3)); // the other is set aside
    s3dock("push", NEXT, "--from", image(NEXT, 4)); // composed
    s3dock("push", NEXT.replace("22-1000", "22-1100"), "--from", withLayerOfItsOwn());
    copyFromRegistry();
    String failing = NEXT.replace("20250722", "20250723");
    proxy.spoil(
        Integer.MAX_VALUE,
        request -> request.target().contains("20250723") && request.target().contains("partNumber"),
        new Fault.Answer(403, Map.of(), ""));
    User.Result aborted = fixture.user().s3dock("push", failing, "--from", image(failing, 5));
    assertThat(aborted.exitCode()).as(aborted.err()).isEqualTo(7);
    lookAtEverything();
    fixture.doctor().fails("engine");
    assertFits(policy(Role.PUBLISHER, Optional.empty()), asked());
  }

  /** To which nothing leads yet. */
  private String withLayerOfItsOwn() {
    byte[] own = Noise.of(9, 2 << 20);
    return TestImages.dockerSave(
            folder.resolve("own.tar"), ImageSpec.small().withFile("own", own), NEXT)
        .toString();
  }

  private void copyFromRegistry() throws IOException {
    try (ServedBucket registry = new ServedBucket(folder)) {
      registry.with(ServedBucket.FIRST, ImageSpec.small()).serve();
      String image = "127.0.0.1:%d/my-app:%s".formatted(registry.port(), ServedBucket.FIRST.tag());
      s3dock("copy", image, "copied:20250722-1000-1234567");
    }
  }

  @Test
  void a_policy_of_before_manifests_costs_a_warning_and_the_look_up_by_digest_alone()
      throws IOException {
    String image = image(REF, 2);
    proxy.spoil(
        Integer.MAX_VALUE,
        request -> request.target().contains("/manifests/"),
        new Fault.Answer(403, Map.of(), "<Error><Code>AccessDenied</Code></Error>"));
    for (String option : List.of("--json", "--quiet")) {
      User.Result pushed = fixture.user().s3dock(option, "push", REF, "--from", image);
      assertThat(pushed.exitCode()).as(pushed.err()).isZero();
      assertThat(pushed.err().lines().filter(line -> line.contains("warning:")))
          .as("the second one is skipped")
          .hasSize(1)
          .allMatch(
              line -> Stream.of("manifests/", "docs/permissions.md", REF).allMatch(line::contains));
    }
    s3dock("promote", REF, "production");
    assertThat(fixture.user().s3dock("current", "my-app", "production", "--digest").out())
        .startsWith("my-app@sha256:");
    s3dock("pull", "my-app", "production", "--to", folder.resolve("pulled.tar.gz").toString());
    assertThat(store().list("manifests/")).isEmpty();
  }

  @Test
  void a_policy_of_before_layers_costs_what_other_apps_have_alone() throws IOException {
    proxy.spoil(
        Integer.MAX_VALUE,
        request -> request.target().contains("/layers/"),
        new Fault.Answer(403, Map.of(), "<Error><Code>AccessDenied</Code></Error>"));
    User.Result pushed = fixture.user().s3dock("push", REF, "--from", image(REF, 2));
    assertThat(pushed.exitCode()).as(pushed.err()).isZero();
    assertThat(pushed.err()).doesNotContain("warning", "layers/");
  }

  @Test
  void a_promoter_tags_and_promotes() {
    publishAndPromote();
    s3dock("tag", OLD, "v0");
    s3dock("tag", OLD, "v1", "--move", "--yes");
    s3dock("promote", OLD, "production");
    s3dock("promote", "my-app", "v1", "staging", "--create");
    lookAtEverything();
    fixture.doctor("--role", "promoter").fails();
    assertFits(policy(Role.PROMOTER, Optional.empty()), asked());
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void nobody_deletes_events_and_only_who_should_writes(Role role) {
    Policy policy = policy(role, Optional.of(HOST));
    for (String key :
        List.of(
            "audit/a/202507/e.json",
            "pointers/a/b.json",
            "tags/a/v1.json",
            "deployments/a/b/c.json")) {
      assertThat(allows(policy, new Ask("s3:DeleteObject", arn(key)))).as(key).isFalse();
    }
    boolean promotes = role == Role.PROMOTER;
    assertThat(allows(policy, put("pointers/a/b.json"))).isEqualTo(promotes);
    assertThat(allows(policy, put("tags/a/v1.json"))).isEqualTo(promotes);
    assertThat(allows(policy, put("images/a/202507/i.tar.gz"))).isEqualTo(role == Role.PUBLISHER);
    assertThat(allows(policy, put("archive/a/202507/i.tar.gz"))).isEqualTo(role == Role.PUBLISHER);
    assertThat(allows(policy, new Ask("s3:DeleteObject", arn("images/a/202507/i.tar.gz"))))
        .isEqualTo(role == Role.CLEANER);
    assertThat(allows(policy, new Ask("s3:PutObject", "arn:aws:s3:::another/images/a"))).isFalse();
    assertThat(policy.statements()).noneMatch(it -> it.actions().toString().contains("*"));
  }

  private Ask put(String key) {
    return new Ask("s3:PutObject", arn(key));
  }

  private String arn(String key) {
    return "arn:aws:s3:::" + fixture.bucket() + "/" + key;
  }

  /** As the removal protocol of cleanup and its sweep of leftovers go, store call by store call. */
  @Test
  void a_cleaner_marks_looks_again_and_removes() {
    publishAndPromote();
    s3dock("push", REF, "--from", image(REF, 3));
    leaveThingsBehind();
    asked();
    try (S3ObjectStore store = store()) {
      ObjectKey journal = new ObjectKey("cleanup/my-app/a-removal.json");
      store.put(journal, new byte[] {'1'}, Precondition.ifAbsent());
      assertThat(store.head(journal)).isPresent();
      removeImage(store, "images/my-app/202507/my-app-20250720-0800-1234567");
      removeAll(store, "archive/my-app/");
      removeAll(store, "temporary/my-app/");
      store.list("rollouts/my-app/").map(ObjectStat::key).toList().forEach(store::delete);
      for (String folder : List.of("images/", "archive/", "temporary/")) {
        List<UnfinishedUpload> uploads = store.unfinishedUploads(folder).toList();
        assertThat(uploads).isNotEmpty();
        uploads.forEach(store::abort);
      }
      store.delete(journal);
    }
    new AuditLog(store(), Clock.systemUTC(), actor())
        .append(
            ImageReference.parse(OLD),
            new DeploymentEvent(
                true,
                OLD,
                "production",
                "stands for an event of cleanup",
                "",
                "",
                "failed",
                "",
                Map.of()));
    lookAtEverything();
    fixture.doctor("--role", "cleaner").fails();
    assertFits(policy(Role.CLEANER, Optional.empty()), asked());
  }

  private void leaveThingsBehind() {
    try (S3Client client = S3Servers.client(server)) {
      for (String key :
          List.of("images/my-app/202507/x.tar.gz", "archive/my-app/x", "temporary/my-app/x-1")) {
        client.createMultipartUpload(request -> request.bucket(fixture.bucket()).key(key));
      }
      client.putObject(
          request -> request.bucket(fixture.bucket()).key("temporary/my-app/y-1"),
          RequestBody.fromString("y"));
      client.putObject(
          request ->
              request
                  .bucket(fixture.bucket())
                  .key("rollouts/my-app/production/0123456789abcdef/begun/web-1.json"),
          RequestBody.fromString("{}"));
    }
  }

  private static void removeImage(S3ObjectStore store, String stem) {
    StoredObject metadata = store.get(new ObjectKey(stem + ".json"), 1 << 20).orElseThrow();
    store.put(metadata.key(), metadata.content(), Precondition.ifMatch(metadata.etag()));
    ObjectKey manifest = store.list("manifests/my-app/").findFirst().orElseThrow().key();
    store.put(manifest, new byte[] {'1'}, Precondition.none());
    store.delete(manifest);
    store.delete(new ObjectKey(stem + ".tar.gz"));
    store.delete(metadata.key());
    ObjectKey layer = store.list("layers/").findFirst().orElseThrow().key();
    assertThat(store.get(layer, 1 << 16)).isPresent();
    store.delete(layer);
  }

  private static void removeAll(S3ObjectStore store, String prefix) {
    List<ObjectStat> found = store.list(prefix).toList();
    assertThat(found).isNotEmpty();
    for (ObjectStat object : found) {
      assertThat(store.head(object.key())).isPresent();
      store.delete(object.key());
    }
  }

  @ParameterizedTest
  @CsvSource({"cn-north-1, aws-cn", "us-gov-west-1, aws-us-gov", "eu-west-1, aws"})
  void the_region_decides_the_partition(String region, String partition) {
    Policy policy =
        Policy.of(
            Role.READER,
            new Scope("b", Optional.of(region), Optional.empty(), Optional.empty(), List.of()));
    assertThat(policy.statements().getFirst().resources())
        .containsExactly("arn:" + partition + ":s3:::b");
  }
}
