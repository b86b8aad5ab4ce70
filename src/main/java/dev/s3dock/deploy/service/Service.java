package dev.s3dock.deploy.service;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;

/** One app in one environment, as this host runs it. */
public record Service(AppName app, Environment environment) {
  @Override
  public String toString() {
    return app + " in " + environment;
  }
}
