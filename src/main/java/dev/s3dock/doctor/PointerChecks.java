package dev.s3dock.doctor;

import dev.s3dock.image.AppName;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The cheap part of whether a bucket is sound: environments lead to published images. */
record PointerChecks(Pointers pointers, Catalog catalog) {
  /** How many environments are followed at the most, three reads each. */
  private static final int MOST = 200;

  private static final String CHECK = "pointers";

  void run(Consumer<CheckResult> report) {
    int followed = 0;
    boolean sound = true;
    List<AppName> apps = catalog.apps();
    for (AppName app : apps) {
      if (followed >= MOST) {
        break;
      }
      List<Pointer> found = new ArrayList<>();
      sound &= read(app, found, report);
      for (Pointer pointer : found) {
        sound &= follow(pointer, report);
      }
      followed += found.size();
    }
    if (sound) {
      report.accept(
          CheckResult.ok(
              CHECK,
              "%d of %d %s lead to published images; s3dock verify --all checks the rest"
                  .formatted(followed, apps.size(), apps.size() == 1 ? "app" : "apps")));
    }
  }

  private boolean read(AppName app, List<Pointer> found, Consumer<CheckResult> report) {
    try {
      catalog.environments(app, entry -> found.add(entry.pointer()));
      return true;
    } catch (RegistryException e) {
      report.accept(CheckResult.failure(CHECK, e));
      return false;
    }
  }

  private boolean follow(Pointer pointer, Consumer<CheckResult> report) {
    try {
      pointers.requireImage(pointer);
      return true;
    } catch (RegistryException e) {
      report.accept(CheckResult.failure(CHECK, e));
      return false;
    }
  }
}
