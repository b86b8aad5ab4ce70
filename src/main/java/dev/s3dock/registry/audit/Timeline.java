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
    switch (event.type()) {
      case "promotion" -> {
        if (event.isOf(environment) && !event.says("was_skipped")) {
          promotion(event);
        }
      }
      case "tag" -> tag(event);
      case "deployment", "rollback" -> {
        if (event.isOf(environment)) {
          deployment(event);
        }
      }
      default -> {
        // moves no environment
      }
    }
  }

  private void promotion(Event event) {
    String name = afterColon(event.detail("source"));
    Optional<String> image =
        ImageReference.ofTag(app, event.text("git_time") + "-" + event.text("git_hash"))
            .map(ImageReference::toString);
    Where now =
        new Where(
            image,
            event.detail("source_type").equals("tag") ? Optional.of(name) : Optional.empty());
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
    open = Period.begun(now, event.at(), event.text("user"));
  }

  /** A version that is moved takes the environment along that follows it. */
  private void tag(Event event) {
    String version = event.detail("version");
    String image = event.detail("image_reference");
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
    open = Period.begun(now, event.at(), event.text("user"));
  }

  private void deployment(Event event) {
    String running = event.detail("running");
    if (open != null && open.image().equals(Optional.of(running))) {
      open = open.on(event.text("host"));
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
