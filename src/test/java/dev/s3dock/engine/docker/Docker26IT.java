package dev.s3dock.engine.docker;

import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock("docker26")
@Order(2)
class Docker26IT extends DockerEngineContract {
  @Override
  TestEngine engine() {
    return Engines.docker26();
  }

  @Override
  ImageStore imageStore() {
    return ImageStore.CONTAINERD;
  }
}
