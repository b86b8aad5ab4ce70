package dev.s3dock.registry.promotion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Bucket;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.RegistryException.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TagsTest {
  private static final Version V1 = new Version("v1.0.0");

  private final Bucket bucket = new Bucket();
  private final ImageReference first = bucket.publish("20250720-1045-def5678");
  private final ImageReference second = bucket.publish("20250721-2118-f7a5a27");

  @Test
  void a_version_is_written_once() {
    assertThat(bucket.tags.tag(first, V1, false).skipped()).isFalse();
    assertThatThrownBy(() -> bucket.tags.tag(second, V1, false))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT))
        .satisfies(e -> assertThat(e).hasMessageContainingAll(first.toString(), "--move"));
    assertThat(bucket.pointers.find(Bucket.APP, V1).orElseThrow().sourceImage())
        .isEqualTo(first.toString());
  }

  @Test
  void giving_it_to_the_same_image_again_does_nothing() {
    bucket.tags.tag(first, V1, false);
    assertThat(bucket.tags.tag(first, V1, false).skipped()).isTrue();
    assertThat(bucket.keys("audit/")).hasSize(1);
  }

  @Test
  void moving_it_is_audited_with_where_it_was() {
    bucket.tags.tag(first, V1, false);
    bucket.tags.tag(second, V1, true);
    assertThat(bucket.pointers.find(Bucket.APP, V1).orElseThrow().sourceImage())
        .isEqualTo(second.toString());
    assertThat(bucket.text("audit/my-app/202508/20250802-0730-tag-f7a5a27.json"))
        .contains(
            "\"previous_target\": \"images/my-app/202507/my-app-20250720-1045-def5678.tar.gz\"");
  }

  @Test
  void versions_may_come_in_any_order() {
    bucket.tags.tag(second, new Version("v1.2.0"), false);
    bucket.tags.tag(first, new Version("v1.1.5"), false);
    bucket.tags.tag(first, new Version("v1.10.0"), false);
    List<String> versions = new ArrayList<>();
    bucket.catalog.tags(Bucket.APP, entry -> versions.add(entry.name().value()));
    assertThat(versions).containsExactly("v1.10.0", "v1.2.0", "v1.1.5");
  }
}
