package dev.s3dock.rollout;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Promotions.Way;
import dev.s3dock.store.ObjectStore;
import java.time.Clock;

/** The rollouts of a bucket: planned, seen, marked and steered. */
public final class Rollouts {
  private final ObjectStore store;
  private final Pointers pointers;
  private final RolloutControl control;
  private final Clock clock;
  private final Actor actor;

  /** The {@code actor} is recorded in what this writes. */
  public Rollouts(
      ObjectStore store,
      Pointers pointers,
      Promotions promotions,
      AuditLog audit,
      Clock clock,
      Actor actor) {
    this.store = store;
    this.pointers = pointers;
    this.control = new RolloutControl(pointers, promotions, audit, clock, actor);
    this.clock = clock;
    this.actor = actor;
  }

  /** What steers them. */
  public RolloutControl control() {
    return control;
  }

  /** What hosts mark in an environment. */
  public RolloutMarks marks(AppName app, Environment environment) {
    return new RolloutMarks(store, clock, actor, app, environment);
  }

  /** A way with a rollout; see {@link RolloutPlanner#plan}. */
  public Way plan(Way way, RolloutPlan plan) {
    return new RolloutPlanner(store, pointers, control)
        .plan(way, plan, marks(way.image().app(), way.environment()));
  }

  /** A rollout as it is now; three requests, and more where there are more than 1,000 hosts. */
  public RolloutView view(AppName app, Environment environment, RolloutState rollout) {
    RolloutSighting seen = RolloutSighting.of(marks(app, environment), rollout);
    return seen.at(rollout, seen.latest());
  }
}
