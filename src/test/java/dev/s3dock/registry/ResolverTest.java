package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResolverTest {
  private final Bucket bucket = new Bucket();
  private ImageReference first = Bucket.image("20250720-1045-def5678");
  private ImageReference second = Bucket.image("20250721-2118-f7a5a27");

  @BeforeEach
  void publish() {
    first = bucket.publish(first.tag());
    second = bucket.publish(second.tag());
  }

  private void tag(ImageReference image, String version) {
    bucket.tags.tag(image, new Version(version), false);
  }

  private void promote(ImageReference image, String environment) {
    bucket.promotions.promote(image, new Environment(environment), Optional.empty());
  }

  @Test
  void a_version_an_environment_and_a_stamp_hash_are_told_apart() {
    tag(first, "v1.2.0");
    promote(second, "production");
    assertThat(bucket.resolver.resolve(Bucket.APP, "v1.2.0").sourceType()).isEqualTo("tag");
    assertThat(bucket.resolver.resolve(Bucket.APP, "v1.2.0").image().key().reference())
        .isEqualTo(first);
    assertThat(bucket.resolver.resolve(Bucket.APP, "production").sourceType())
        .isEqualTo("environment");
    assertThat(bucket.resolver.resolve(Bucket.APP, second.tag()).sourceType()).isEqualTo("image");
  }

  @Test
  void a_word_that_is_both_is_refused_with_both_and_the_remedy() {
    for (String word : new String[] {"v1", "beta"}) {
      promote(second, word);
      bucket.store.put( // as the original lets it be
          BucketLayout.tag(Bucket.APP, new Version(word)),
          "{\"target_type\": \"image\", \"target_path\": \"%s\"}"
              .formatted(BucketLayout.image(first).archive(ArchiveForm.GZIP).value())
              .getBytes(StandardCharsets.UTF_8),
          Precondition.none());
      assertThatThrownBy(() -> bucket.resolver.resolve(Bucket.APP, word))
          .asInstanceOf(type(RegistryException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.CONFLICT))
          .extracting(Throwable::getMessage)
          .asString()
          .contains("a version (" + first + ")", "an environment (" + second + ")")
          .contains("name the image itself");
    }
  }

  /** Where a bucket may not be listed, S3 denies what is not there. */
  @Test
  void a_denied_look_for_the_other_kind_is_no_obstacle() {
    promote(second, "production");
    ObjectStore denying =
        (ObjectStore)
            Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (_, method, arguments) -> {
                  Object answer = method.invoke(bucket.store, arguments);
                  if (Optional.empty().equals(answer)) {
                    throw new StoreException(StoreException.Kind.ACCESS_DENIED, "denied");
                  }
                  return answer;
                });
    Images images = new Images(denying, bucket.clock);
    Pointers pointers = new Pointers(denying, images, bucket.clock, bucket.actor);
    Resolver resolver = new Resolver(images, pointers, new Catalog(denying, pointers));
    assertThat(resolver.resolve(Bucket.APP, "production").image().key().reference())
        .isEqualTo(second);
  }
}
