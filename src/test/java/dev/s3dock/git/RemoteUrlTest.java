package dev.s3dock.git;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteUrlTest {
  @ParameterizedTest
  @CsvSource({
    "https://example.org/a.git,            https://example.org/a.git",
    "https://me:pw@example.org:8443/a.git, https://example.org:8443/a.git",
    "https://token@example.org/a,          https://example.org/a",
    "https://me:p@ss@example.org/a,        https://example.org/a",
    "HTTP://me:pw@example.org/a,           HTTP://example.org/a",
    "https://example.org/a@b,              https://example.org/a@b",
    "ssh://git@example.org/a,              ssh://git@example.org/a",
    "ssh://git:pw@example.org:22/a,        ssh://git@example.org:22/a",
    "git@example.org:team/a.git,           git@example.org:team/a.git",
    "/srv/git/a,                           /srv/git/a",
    "../a,                                 ../a"
  })
  void credentials_are_taken_out_and_the_rest_stays(String configured, String reported) {
    assertThat(RemoteUrl.withoutCredentials(configured)).isEqualTo(reported);
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.org/team/shop.git, shop",
    "https://example.org/shop/,         shop",
    "ssh://git@example.org:22/a/shop,   shop",
    "git@example.org:shop.git,          shop",
    "git@example.org:team/shop,         shop",
    "/srv/git/shop/.git,                shop",
    "../shop.web,                       shop.web",
    "https://example.org/shop?x=1,      shop"
  })
  void the_last_part_is_what_a_clone_is_called(String url, String name) {
    assertThat(RemoteUrl.lastPart(url)).isEqualTo(name);
  }
}
