package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.audit.AuditEntry.Event;
import dev.s3dock.registry.audit.Period.Where;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes periods out of the events of an app, which are told in the order of time. Each move tells
 * what was there before. Where that is not what the move before had brought, a move in between left
 * no event, as the original's events overwrite each other within a minute: then the one period ends
 * and the other begins at a time that is not known.
 */
final class Timeline {
  private final AppName app;
  private final Environment environment;
  private final Consumer<Period> consumer;
  private final Map<String, String> imageOfVersion = new HashMap<>();
  private @Nullable Period open;
  private Instant lastMove = Instant.MIN;

  Timeline(AppName app, Environment environment, Consumer<Period> consumer) {
    this.app = app;
    this.environment = environment;
    this.consumer = consumer;
  }

  void add(Event event) {
    switch (event.what()) {
      case PromotionEvent promotion -> {
        if (event.isOf(environment) && !promotion.skipped()) {
          promotion(event, promotion);
        }
      }
      case TagEvent tag -> tag(event, tag);
      case DeploymentEvent deployment -> {
        if (event.isOf(environment)) {
          deployment(event, deployment);
        }
      }
      case RemovalEvent _ -> {
        if (event.isOf(environment) && open != null) {
          end(open.until(event.at()));
        }
      }
      default -> {
        // moves no environment
      }
    }
  }

  private void promotion(Event event, PromotionEvent promotion) {
    Where now = new Where(event.image(app).map(ImageReference::toString), promotion.version());
    move(event, event.previous().map(this::where), now);
    lastMove = event.at();
  }

  private void move(Event event, Optional<Where> before, Where now) {
    if (open != null && before.map(open.where()::isTargetOf).orElse(false)) {
      end(open.until(event.at()));
    } else {
      if (open != null) {
        end(open);
      }
      before.ifPresent(was -> end(Period.found(was).until(event.at())));
    }
    open = Period.begun(now, event.at(), event.user());
  }

  /** A version that is moved takes the environment along that follows it. */
  private void tag(Event event, TagEvent tag) {
    String version = tag.version();
    String image = tag.image();
    imageOfVersion.put(version, image);
    if (open == null
        || !open.version().equals(Optional.of(version))
        || open.image().equals(Optional.of(image))) {
      return;
    }
    Optional<String> known = Optional.of(version);
    Where now = new Where(Optional.of(image), known);
    Optional<Where> before = event.previous().map(was -> new Where(Optional.of(was), known));
    if (before.isEmpty() || before.get().equals(open.where())) {
      end(open.until(event.at()));
    } else {
      end(open);
      end(Period.found(before.get()).until(event.at()));
    }
    open = Period.begun(now, event.at(), event.user());
  }

  private void deployment(Event event, DeploymentEvent deployment) {
    if (open != null && open.image().equals(Optional.of(deployment.running()))) {
      open = open.on(event.host());
    }
  }

  /** What a name of the app means: a version, or the stamp-hash of an image. */
  private Where where(String name) {
    String word = afterColon(name);
    return ImageReference.ofTag(app, word)
        .map(image -> new Where(Optional.of(image.toString()), Optional.empty()))
        .orElseGet(
            () -> new Where(Optional.ofNullable(imageOfVersion.get(word)), Optional.of(word)));
  }

  private static String afterColon(String name) {
    return name.substring(name.lastIndexOf(':') + 1);
  }

  private void end(Period period) {
    consumer.accept(period);
    open = null;
  }

  /** Nothing is promoted to the environment now. */
  void endNowhere() {
    if (open != null) {
      end(open);
    }
  }

  /**
   * Says what the environment is at now.
   *
   * @param movedAt when its pointer was written; a pointer is written before its event
   * @param by who wrote it
   */
  void endAt(Where now, Instant movedAt, String by) {
    boolean moved = movedAt.isAfter(lastMove);
    if (open != null && !moved && open.where().equals(now)) {
      end(open.goingOn());
      return;
    }
    if (open != null) {
      end(open);
    }
    end((moved ? Period.begun(now, movedAt, by) : Period.found(now)).goingOn());
  }
}
