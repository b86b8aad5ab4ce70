package dev.s3dock.engine.docker;

import dev.s3dock.testing.Engines;
import dev.s3dock.testing.Engines.TestEngine;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock("docker20")
class Containers20IT extends ContainersContract {
  @Override
  TestEngine engine() {
    return Engines.docker20();
  }
}
