package dev.s3dock.transfer.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.transfer.push.PushingEngine;
import dev.s3dock.transfer.push.PushingEngine.Lie;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class LoopbackNamesTest {
  @Test
  void names_that_a_killed_push_has_left_are_removed_and_others_stay() throws Exception {
    PushingEngine engine =
        new PushingEngine("my-app:20250721-2118-f7a5a27", ImageSpec.small(), Lie.NONE);
    try (ServerSocket other = new ServerSocket(0)) {
      String living = "127.0.0.1:%d/s3dock-push-1/my-app:1".formatted(other.getLocalPort());
      for (String name :
          new String[] {living, "127.0.0.1:1/s3dock-push-2/my-app:1", "127.0.0.1:1/mine/app:1"}) {
        engine.tag("", name);
      }
      LoopbackNames.sweep(engine);
      assertThat(engine.references()).containsExactlyInAnyOrder(living, "127.0.0.1:1/mine/app:1");
    }
  }
}
