package dev.s3dock.registry.promotion;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.RemovalEvent;
import dev.s3dock.registry.reference.References;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Removes environments and versions by name, never one that is needed. What they led to stays, and
 * so do their events.
 */
public final class Removals {
  private final Pointers pointers;
  private final Catalog catalog;
  private final References references;
  private final AuditLog audit;

  /** Creates the use case over these parts of one store. */
  public Removals(ObjectStore store, Pointers pointers, Catalog catalog, AuditLog audit) {
    this(store, pointers, catalog, audit, ParallelReads.AT_ONCE);
  }

  /**
   * As above.
   *
   * @param atOnce how many objects are read at the same time
   */
  public Removals(
      ObjectStore store, Pointers pointers, Catalog catalog, AuditLog audit, int atOnce) {
    this.pointers = pointers;
    this.catalog = catalog;
    this.references = new References(store, pointers, References.Unreadable.FAILS, atOnce);
    this.audit = audit;
  }

  /** A name that may be removed; one of the two. */
  private record Name(Optional<Environment> environment, Optional<Version> version) {}

  /** Something that nothing needs, as it was read. */
  public static final class Candidate {
    private final AppName app;
    private final Name name;
    private final Pointer pointer;
    private final ImageReference image;
    private final boolean gone;

    private Candidate(AppName app, Name name, Pointer pointer, ImageReference image, boolean gone) {
      this.gone = gone;
      this.app = app;
      this.name = name;
      this.pointer = pointer;
      this.image = image;
    }

    /** What it leads to. */
    public ImageReference image() {
      return image;
    }

    /** True if it was removed before, and nobody has made it again. */
    public boolean isGone() {
      return gone;
    }

    /** Where it lies. */
    public String key() {
      return pointer.key().value();
    }
  }

  /**
   * An environment that may go.
   *
   * @param alsoLive also one that hosts report to be live: hosts that are no more report it for
   *     ever
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if nothing was promoted to
   *     it; {@link RegistryException.Kind#CONFLICT} if a host runs it
   */
  public Candidate environment(AppName app, Environment environment, boolean alsoLive) {
    Name name = new Name(Optional.of(environment), Optional.empty());
    Optional<Pointer> pointer = pointers.find(app, environment);
    if (pointer.isEmpty()) {
      return gone(app, name, BucketLayout.pointer(app, environment))
          .orElseThrow(() -> catalog.noEnvironment(app, environment));
    }
    List<String> hosts =
        references.reports(app).stream()
            .filter(report -> report.environment().equals(environment.value()))
            .map(HostReport::host)
            .map(Printable::of)
            .toList();
    if (!hosts.isEmpty() && !alsoLive) {
      throw RegistryException.conflict(
          "%s of %s is live on %s; nothing was removed: if there is no such host any more, add --force"
              .formatted(environment, app, String.join(", ", hosts)));
    }
    return new Candidate(app, name, pointer.get(), image(app, pointer.get()), false);
  }

  private Optional<Candidate> gone(AppName app, Name name, ObjectKey key) {
    return pointers
        .removed(key)
        .map(pointer -> new Candidate(app, name, pointer, image(app, pointer), true));
  }

  /**
   * A version that may go.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if there is none; {@link
   *     RegistryException.Kind#CONFLICT} if environments follow it
   */
  public Candidate version(AppName app, Version version) {
    Name name = new Name(Optional.empty(), Optional.of(version));
    Optional<Pointer> pointer = pointers.find(app, version);
    if (pointer.isEmpty()) {
      return gone(app, name, BucketLayout.tag(app, version))
          .orElseThrow(() -> catalog.noVersion(app, version));
    }
    requireFollowedByNone(app, version);
    return new Candidate(app, name, pointer.get(), image(app, pointer.get()), false);
  }

  private void requireFollowedByNone(AppName app, Version version) {
    List<Environment> followers = references.followers(app, version);
    if (!followers.isEmpty()) {
      throw RegistryException.conflict(
          "version %s of %s is followed by %s; nothing was removed: promote something else there first"
              .formatted(
                  version,
                  app,
                  followers.stream().map(Environment::value).collect(Collectors.joining(", "))));
    }
  }

  /** Where it leads nowhere, what it led to when it was written. */
  private ImageReference image(AppName app, Pointer pointer) {
    try {
      return pointers.follow(pointer).reference();
    } catch (RegistryException e) {
      String source = pointer.sourceImage();
      return ImageReference.ofTag(app, source.substring(source.indexOf(':') + 1))
          .orElseThrow(() -> e);
    }
  }

  /**
   * Removes it, if it is as it was read and nothing needs it. What is gone leaves an event once
   * more: that of its removal may have been lost.
   *
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if it was moved meanwhile, or
   *     is followed by now
   */
  public void remove(Candidate candidate) {
    if (!candidate.gone) {
      pointers.withdraw(
          candidate.name.version().isPresent() ? marked(candidate) : candidate.pointer);
    }
    audit.append(
        candidate.image,
        new RemovalEvent(
            candidate.image.toString(),
            candidate.name.environment().map(Environment::value).orElse(""),
            candidate.name.version().map(Version::value).orElse(""),
            candidate.key(),
            candidate.pointer.target().key().value(),
            candidate.gone));
  }

  /**
   * A version is marked before its followers are looked for: who begins to follow it after that
   * takes the mark away, and it is not withdrawn.
   */
  private Pointer marked(Candidate candidate) {
    Pointer marked = pointers.mark(candidate.pointer);
    try {
      requireFollowedByNone(candidate.app, candidate.name.version().orElseThrow());
    } catch (RuntimeException e) {
      pointers.restore(marked);
      throw e;
    }
    return marked;
  }
}
