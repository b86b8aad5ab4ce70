package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.image.ImageReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What hooks are told about a deployment, in variables. */
final class HookEnvironment {
  private HookEnvironment() {}

  /**
   * The facts.
   *
   * @param image that is to be live, or is
   * @param previous that was live before
   * @param next its container; null before there is one
   * @param reason why it failed; empty if it did not
   */
  static Map<String, String> of(
      DeployContext context,
      ImageReference image,
      Optional<ImageReference> previous,
      @Nullable Instance next,
      String deployment,
      String reason) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("S3DOCK_APP", context.service().app().value());
    facts.put("S3DOCK_ENVIRONMENT", context.service().environment().value());
    facts.put("S3DOCK_DEPLOYMENT", deployment);
    facts.put("S3DOCK_IMAGE", image.toString());
    facts.put("S3DOCK_PREVIOUS_IMAGE", previous.map(ImageReference::toString).orElse(""));
    facts.put("S3DOCK_COLOUR", next == null ? "" : next.colour().toString());
    facts.put("S3DOCK_CONTAINER", next == null ? "" : next.id());
    facts.put(
        "S3DOCK_ADDRESS",
        next == null
            ? ""
            : next.backend().filter(Backend::takesTraffic).map(Backend::address).orElse(""));
    facts.put("S3DOCK_REASON", reason);
    return facts;
  }
}
