package dev.s3dock.engine.docker;

import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;

class Containers26IT extends ContainersContract {
  @Override
  TestEngine engine() {
    return Engines.docker26();
  }
}
