package dev.s3dock.registry.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Bucket;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Pointer;
import dev.s3dock.store.ObjectKey;
import org.junit.jupiter.api.Test;

/** Where an environment goes back to, in a bucket that both s3docks have written to. */
class AuditTrailTest {
  private static final Environment PRODUCTION = new Environment("production");

  private static final ImageReference PRESENT =
      ImageReference.parse("my-app:20250801-0900-0000009");

  private final Bucket bucket = new Bucket();
  private final AuditTrail trail = new AuditTrail(bucket.store);

  /** A promotion; what was there before is a version of that name. */
  private void promotion(String name, String time, String before) {
    bucket.put(
        new ObjectKey(
            "audit/my-app/%s/%s-promotion-f7a5a27.json".formatted(name.substring(0, 6), name)),
        """
        {"event_type": "promotion", "timestamp": "%s",
         "details": {"environment": "production", "previous_target": "tags/my-app/%s.json"}}
        """
            .formatted(time, before));
  }

  private String before() {
    return trail
        .formerTarget(Bucket.APP, PRODUCTION, production(), PRESENT)
        .orElseThrow()
        .target()
        .name();
  }

  /** The environment, which some move has brought to a version. */
  private Pointer production() {
    ObjectKey key = BucketLayout.pointer(Bucket.APP, PRODUCTION);
    bucket.put(key, "{\"target_type\": \"tag\", \"target_path\": \"tags/my-app/v9.json\"}");
    return Pointer.parse(bucket.store.get(key, Pointer.MAX_BYTES).orElseThrow()).orElseThrow();
  }

  @Test
  void a_local_time_ahead_of_utc_does_not_hide_a_later_move() {
    promotion("20250802-0930", "2025-08-02T09:30:12+02:00", "v1");
    promotion("20250802-0800", "2025-08-02T08:00:00Z", "v2");
    assertThat(before()).isEqualTo("v2.json");
  }

  @Test
  void a_local_time_behind_utc_is_not_hidden_by_an_earlier_move() {
    promotion("20250801-0100", "2025-08-01T01:00:00Z", "v1");
    promotion("20250731-2200", "2025-07-31T22:00:00-05:00", "v2");
    promotion("20250731-1800", "2025-07-31T18:00:00Z", "v3");
    assertThat(before()).isEqualTo("v2.json");
  }

  @Test
  void a_move_that_left_no_event_was_away_from_what_the_last_event_tells() {
    bucket.put(
        new ObjectKey("audit/my-app/202508/20250802-0930-promotion-f7a5a27.json"),
        """
        {"event_type": "promotion", "timestamp": "2025-08-02T09:30:12Z",
         "details": {"environment": "production", "source": "my-app:v8", "source_type": "tag",
           "previous_target": "tags/my-app/v7.json"}}
        """);
    assertThat(before()).isEqualTo("v8.json");
  }

  @Test
  void a_move_that_left_an_event_was_away_from_what_that_tells() {
    bucket.put(
        new ObjectKey("audit/my-app/202508/20250802-0930-promotion-f7a5a27.json"),
        """
        {"event_type": "promotion", "timestamp": "2025-08-02T09:30:12Z",
         "details": {"environment": "production", "source": "my-app:v9", "source_type": "tag",
           "previous_target": "tags/my-app/v7.json"}}
        """);
    assertThat(before()).isEqualTo("v7.json");
  }
}
