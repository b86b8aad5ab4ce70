package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.store.s3.access.CredentialChain;
import dev.s3dock.store.s3.access.SdkWords;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Turns the errors of the SDK into those of the port, in this place alone. Codes: Elastic Load
 * Balancing API Reference, "Common Errors" and those of each action; Elastic Load Balancing User
 * Guide, "Request throttling".
 */
final class ElbErrors {
  private static final Set<String> DENIED =
      Set.of("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized");
  private static final Set<String> EXPIRED = Set.of("ExpiredToken", "ExpiredTokenException");
  private static final Set<String> BAD_KEYS =
      Set.of(
          "InvalidClientTokenId",
          "SignatureDoesNotMatch",
          "IncompleteSignature",
          "MissingAuthenticationToken",
          "UnrecognizedClientException",
          "OptInRequired");
  private static final Set<String> THROTTLED =
      Set.of("Throttling", "ThrottlingException", "RequestLimitExceeded");

  private final TargetGroupArn group;

  ElbErrors(TargetGroupArn group) {
    this.group = group;
  }

  /**
   * Translates once, for the user.
   *
   * @param action of the API, such as {@code RegisterTargets}
   */
  LoadBalancerException translate(SdkException e, String action) {
    String failed = "%s of the target group %s failed: ".formatted(action, group.name());
    if (e instanceof AwsServiceException service) {
      return serviceError(service, failed, action);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CredentialChain.SourceFailedException source) {
        return error(Kind.REFUSED, failed + SdkWords.of(source), e);
      }
    }
    if (String.valueOf(e.getMessage()).contains("Unable to load credentials")) {
      return error(
          Kind.REFUSED,
          failed
              + "no credentials found; give the instance a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
          e);
    }
    return error(
        Kind.UNAVAILABLE,
        failed
            + "the API of Elastic Load Balancing in %s does not answer (%s); check the network and traffic.endpoint"
                .formatted(group.region(), SdkWords.of(e)),
        e);
  }

  private LoadBalancerException serviceError(AwsServiceException e, String failed, String action) {
    String code = SdkWords.codeOf(e);
    if (code.equals("TargetGroupNotFound")) {
      return error(
          Kind.REFUSED, failed + "it does not exist; check traffic.target_group, " + group, e);
    }
    if (code.equals("InvalidTarget")) {
      return error(
          Kind.REFUSED,
          failed
              + "it does not take this target%s; check traffic.target, traffic.instance and the group's VPC"
                  .formatted(SdkWords.said(e)),
          e);
    }
    if (EXPIRED.contains(code)) {
      return error(Kind.REFUSED, failed + "the credentials have expired; sign in again", e);
    }
    if (BAD_KEYS.contains(code)) {
      return error(
          Kind.REFUSED,
          failed + "the credentials are wrong%s; check them".formatted(SdkWords.said(e)),
          e);
    }
    if (DENIED.contains(code) || e.statusCode() == 403) {
      return error(
          Kind.REFUSED,
          failed
              + "permission denied%s; the credentials need elasticloadbalancing:%s (`s3dock doctor --policy deployer` prints all)"
                  .formatted(SdkWords.said(e), action),
          e);
    }
    if (THROTTLED.contains(code) || e.isThrottlingException()) {
      return error(
          Kind.UNAVAILABLE,
          failed
              + "too many requests of this account%s; try again, and let fewer hosts ask less often"
                  .formatted(SdkWords.said(e)),
          e);
    }
    return e.statusCode() >= 500
        ? error(
            Kind.UNAVAILABLE,
            failed + "AWS has a fault%s; try again".formatted(SdkWords.said(e)),
            e)
        : error(
            Kind.REFUSED,
            failed + "AWS answers %d%s".formatted(e.statusCode(), SdkWords.said(e)),
            e);
  }

  private static LoadBalancerException error(Kind kind, String message, SdkException cause) {
    return new LoadBalancerException(kind, message, cause);
  }
}
