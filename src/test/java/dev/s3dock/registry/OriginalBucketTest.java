package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The bucket of the original, whose image of 31 July is filed under August. */
class OriginalBucketTest {
  private static final ImageReference JULY = Bucket.image("20250731-2350-f7a5a27");
  private final Bucket bucket = Bucket.ofTheOriginal();

  @Test
  void an_image_is_found_under_the_month_of_its_push() {
    assertThat(bucket.images.require(JULY).archive())
        .hasToString("images/my-app/202508/my-app-20250731-2350-f7a5a27.tar.gz");
    assertThat(bucket.images.require(JULY).metadata().checksum())
        .isEqualTo("9e107d9d372bb6826bd81d3542a419d6");
  }

  @Test
  void it_is_tagged_and_promoted_where_it_lies() {
    bucket.tags.tag(JULY, new Version("v2.0.0"), false);
    bucket.promotions.promote(JULY, new Environment("qa"), Optional.empty());
    assertThat(bucket.text("tags/my-app/v2.0.0.json"))
        .contains("images/my-app/202508/my-app-20250731-2350-f7a5a27.tar.gz");
    assertThat(bucket.text("pointers/my-app/qa.json"))
        .contains("images/my-app/202508/my-app-20250731-2350-f7a5a27.tar.gz");
  }

  @Test
  void environments_versions_and_commits_resolve() {
    assertThat(bucket.resolver.resolve(Bucket.APP, "production").image().key().reference())
        .isEqualTo(JULY);
    assertThat(bucket.resolver.resolve(Bucket.APP, "v1.2.0").sourceType()).isEqualTo("tag");
    assertThat(bucket.resolver.resolve(Bucket.APP, "20250720-1045-def5678").sourceType())
        .isEqualTo("image");
    assertThat(bucket.resolver.resolve(Bucket.APP, "staging").image().key().reference())
        .isEqualTo(Bucket.image("20250720-1045-def5678"));
  }

  @Test
  void images_are_listed_newest_first_across_months() {
    bucket.publish("20250731-2355-aaaaaaa");
    bucket.publish("20250801-0001-bbbbbbb");
    List<String> tags = new ArrayList<>();
    bucket.catalog.images(
        Bucket.APP,
        Optional.empty(),
        Long.MAX_VALUE,
        image -> tags.add(image.key().reference().tag()));
    assertThat(tags)
        .containsExactly(
            "20250801-0001-bbbbbbb",
            "20250731-2355-aaaaaaa",
            "20250731-2350-f7a5a27",
            "20250720-1045-def5678");
  }

  @Test
  void its_audit_events_stay_as_they_are() {
    String before = bucket.text("audit/my-app/202508/20250802-0930-promotion-f7a5a27.json");
    bucket.promotions.promote(JULY, new Environment("production"), Optional.empty());
    assertThat(bucket.text("audit/my-app/202508/20250802-0930-promotion-f7a5a27.json"))
        .isEqualTo(before);
  }

  @Test
  void unknown_names_are_told_with_what_exists() {
    assertThatThrownBy(() -> bucket.resolver.resolve(Bucket.APP, "produktion"))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.wanted()).isEqualTo("produktion"))
        .satisfies(e -> assertThat(e.existing()).contains("production", "staging", "v1.2.0"));
  }
}
