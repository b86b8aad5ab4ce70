package dev.s3dock.engine.docker;

import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(value = "docker26", mode = ResourceAccessMode.READ)
class Containers26IT extends ContainersContract {
  @Override
  TestEngine engine() {
    return Engines.docker26();
  }
}
