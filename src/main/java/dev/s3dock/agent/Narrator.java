package dev.s3dock.agent;

import dev.s3dock.agent.AgentEvent.Kind;
import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Documents;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Tells of one service what has happened, each thing once. */
final class Narrator implements DeployProgress {
  private final Service service;
  private final AgentParts parts;
  private Rest last = new Rest(State.HEALTHY, "");

  Narrator(Service service, AgentParts parts) {
    this.service = service;
    this.parts = parts;
  }

  /** The time, as documents have it. */
  String now() {
    return Documents.time(OffsetDateTime.now(parts.clock()));
  }

  void tell(Kind kind, Optional<ImageReference> image, String text) {
    parts
        .log()
        .happened(new AgentEvent(parts.clock().instant(), kind, Optional.of(service), image, text));
  }

  /** A state is told of when it is another one; numbers in its reason make it no other one. */
  void state(Rest now, Optional<ImageReference> wanted) {
    boolean same =
        now.state() == last.state()
            && now.reason().replaceAll("\\d+", "").equals(last.reason().replaceAll("\\d+", ""));
    if (!same) {
      boolean right = now.state() == State.HEALTHY;
      tell(
          right ? Kind.RECOVERED : Kind.PROBLEM,
          wanted,
          right ? now.state().toString() : now.state() + ": " + now.reason());
    }
    last = now;
  }

  @Override
  public void ended(Step step, Duration took) {
    tell(Kind.STEP, Optional.empty(), "%s took %d ms".formatted(step, took.toMillis()));
  }

  @Override
  public void note(String text) {
    tell(Kind.NOTE, Optional.empty(), text);
  }
}
