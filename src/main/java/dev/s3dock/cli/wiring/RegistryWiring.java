package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.BuildInfo;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.config.AgentKeys;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Resolver;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditSearch;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.audit.History;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.LiveReferences;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Removals;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.registry.reference.Referrers;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.rollout.Rollouts;
import dev.s3dock.store.ObjectStore;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a bucket says, and who changes it: images, versions, environments and the audit trail. */
public final class RegistryWiring {
  private final Supplier<ObjectStore> store;
  private final ProcessContext process;
  private final ConfigFile file;
  private final Clock clock;

  /**
   * Opens nothing yet.
   *
   * @param store opens the bucket when it is first asked
   */
  RegistryWiring(Supplier<ObjectStore> store, ProcessContext process, ConfigFile file) {
    this.store = store;
    this.process = process;
    this.file = file;
    this.clock = process.clock();
  }

  public Images images() {
    return new Images(store.get(), clock);
  }

  public Pointers pointers() {
    return new Pointers(store.get(), images(), clock, actor());
  }

  /** Those of the bucket as this store shows it. */
  Pointers pointers(ObjectStore shown) {
    return new Pointers(shown, new Images(shown, clock), clock, actor());
  }

  public Catalog catalog() {
    return new Catalog(store.get(), pointers());
  }

  public Tags tags() {
    return new Tags(images(), pointers(), audit());
  }

  public Promotions promotions() {
    return new Promotions(images(), pointers(), catalog(), audit());
  }

  public Removals removals() {
    return new Removals(store.get(), pointers(), catalog(), audit());
  }

  public Resolver resolver() {
    return new Resolver(images(), pointers(), catalog());
  }

  public Referrers referrers() {
    return new Referrers(store.get(), pointers());
  }

  public Cleanup cleanup() {
    return new Cleanup(store.get(), pointers(), auditTrail(), audit(), clock, actor());
  }

  /** What this host must not be without. */
  public Map<ImageReference, String> neededHere(AppName app) {
    return new LiveReferences(store.get(), pointers(), auditTrail()).onHost(app, actor().host());
  }

  public AuditTrail auditTrail() {
    return new AuditTrail(store.get());
  }

  public AuditSearch auditSearch() {
    return new AuditSearch(store.get(), clock);
  }

  public History history() {
    return new History(auditSearch(), pointers(), catalog());
  }

  /** What this host reports, and other hosts do. */
  public Deployments deployments() {
    return new Deployments(store.get(), clock, actor());
  }

  /** How hosts follow environments one after the other. */
  public Rollouts rollouts() {
    return new Rollouts(store.get(), pointers(), promotions(), audit(), clock, actor());
  }

  AuditLog audit() {
    return new AuditLog(store.get(), clock, actor());
  }

  /** The name under which this host reports. */
  public String hostName() {
    return actor().host();
  }

  /** Who acts: this user on this host. */
  Actor actor() {
    String user =
        Optional.ofNullable(process.environment().get("USER"))
            .filter(name -> !name.isEmpty())
            .orElseGet(() -> System.getProperty("user.name", "unknown"));
    String host = file.agent().find(AgentKeys.HOST).orElseGet(RegistryWiring::networkName);
    return new Actor(user, host, "s3dock " + new BuildInfo().version());
  }

  private static String networkName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
