package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.image.ImageReference;
import java.util.LinkedHashMap;
import java.util.List;
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
    List<String> ids = next == null ? List.of() : next.ids();
    List<String> addresses = next == null ? List.of() : addresses(next);
    facts.put("S3DOCK_CONTAINER", ids.stream().findFirst().orElse(""));
    facts.put("S3DOCK_CONTAINERS", String.join(" ", ids));
    facts.put("S3DOCK_ADDRESS", addresses.stream().findFirst().orElse(""));
    facts.put("S3DOCK_ADDRESSES", String.join(" ", addresses));
    facts.put("S3DOCK_REASON", reason);
    return facts;
  }

  private static List<String> addresses(Instance next) {
    return next.backend().filter(Backend::takesTraffic).stream()
        .flatMap(backend -> backend.servers().stream())
        .map(Backend.Server::address)
        .toList();
  }
}
