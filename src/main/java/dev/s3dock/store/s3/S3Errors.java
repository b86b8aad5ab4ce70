package dev.s3dock.store.s3;

import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.s3.access.CredentialChain;
import dev.s3dock.store.s3.access.SdkWords;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Turns the errors of the SDK into those of the port, in this place alone. Codes: Amazon S3 API
 * Reference, "Error responses"; those with {@code XMinio} are MinIO's.
 */
final class S3Errors {
  private static final Set<String> DENIED =
      Set.of("AccessDenied", "AllAccessDisabled", "AccountProblem", "NotSignedUp", "Unauthorized");
  private static final Set<String> BAD_KEYS =
      Set.of(
          "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "MissingSecurityHeader");
  private static final Set<String> EXPIRED = Set.of("ExpiredToken", "TokenRefreshRequired");
  private static final Set<String> REGION =
      Set.of(
          "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IncorrectEndpoint",
          "IllegalLocationConstraintException");
  private static final Set<String> FULL =
      Set.of(
          "InsufficientStorage",
          "QuotaExceeded",
          "XMinioStorageFull",
          "XMinioAdminBucketQuotaExceeded");
  private static final Set<String> BUSY = Set.of("RequestTimeout", "OperationAborted");
  private static final Set<String> THROTTLED =
      Set.of("SlowDown", "Throttling", "RequestLimitExceeded");
  private static final Pattern EXPECTED_REGION =
      Pattern.compile("<Region>([a-z0-9-]{1,40})</Region>|expecting '([a-z0-9-]{1,40})'");

  private final S3Settings settings;

  S3Errors(S3Settings settings) {
    this.settings = settings;
  }

  /** True if a write met another one at the same moment; the store asks to send it again. */
  static boolean isConflict(Throwable e) {
    return e instanceof AwsServiceException service
        && service.statusCode() == 409
        && (SdkWords.codeOf(service).equals("ConditionalRequestConflict")
            || SdkWords.codeOf(service).equals("OperationAborted"));
  }

  /**
   * True if a GET was answered "not found", and the rest of the answer, what was not, is missing.
   */
  static boolean isCutShort(Throwable e) {
    return e.getClass() == S3Exception.class
        && ((S3Exception) e).statusCode() == 404
        && SdkWords.codeOf((S3Exception) e).isEmpty();
  }

  /** True if an answer ended within its XML, which the SDK takes for a fault of the XML. */
  static boolean isBrokenOff(Throwable e) {
    return e instanceof SdkClientException
        && (cause(e, IOException.class).isPresent()
            || cause(e, XMLStreamException.class).isPresent())
        && cause(e, InterruptedIOException.class).isEmpty();
  }

  /**
   * Translates once, for the user.
   *
   * @param doing what failed, such as {@code write images/a.json}
   * @param permission what the request needs, such as {@code s3:PutObject}
   */
  StoreException translate(SdkException e, String doing, String permission) {
    String failed = "cannot " + doing + " in " + where() + ": ";
    if (e instanceof AwsServiceException service) {
      return serviceError(service, failed, permission);
    }
    if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
      return new StoreException(Kind.UNAVAILABLE, failed + "no answer in time; try again", e);
    }
    if (e instanceof AbortedException) {
      return new StoreException(Kind.UNAVAILABLE, failed + "interrupted", e);
    }
    Optional<CredentialChain.SourceFailedException> source =
        cause(e, CredentialChain.SourceFailedException.class);
    if (source.isPresent()) {
      return new StoreException(Kind.ACCESS_DENIED, failed + SdkWords.of(source.get()), e);
    }
    if (String.valueOf(e.getMessage()).contains("Unable to load credentials")) {
      return new StoreException(
          Kind.ACCESS_DENIED,
          failed
              + "no credentials found; set access_key and secret_key in the profile, or"
              + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with the AWS CLI",
          e);
    }
    Optional<IOException> broken = cause(e, IOException.class);
    if (broken.isPresent()) {
      return new StoreException(Kind.UNAVAILABLE, failed + network(broken.get()), e);
    }
    if (cause(e, XMLStreamException.class).isPresent()) {
      return notWhole(failed, e);
    }
    return new StoreException(Kind.FAILED, failed + SdkWords.of(e), e);
  }

  private static StoreException notWhole(String failed, SdkException e) {
    return new StoreException(
        Kind.UNAVAILABLE,
        failed + "the answer is incomplete; check the endpoint and the network, and try again",
        e);
  }

  private static String network(IOException e) {
    if (e instanceof UnknownHostException) {
      return "the host " + SdkWords.printable(e.getMessage()) + " is unknown; check the endpoint";
    }
    if (e instanceof SSLException) {
      return "no secure connection (" + SdkWords.of(e) + "); check the endpoint";
    }
    return "no connection ("
        + SdkWords.of(e)
        + "); check the endpoint and the network, and try again";
  }

  private StoreException serviceError(AwsServiceException e, String failed, String permission) {
    String code = SdkWords.codeOf(e);
    int status = e.statusCode();
    String said = SdkWords.said(e);
    if (code.equals("NoSuchBucket")) {
      return noBucket(failed, e);
    }
    Optional<String> right = rightRegion(e);
    if (REGION.contains(code) || status == 301 || (status == 400 && right.isPresent())) {
      return new StoreException(
          Kind.WRONG_REGION, failed + "the bucket is in another region; " + remedy(right), e);
    }
    if (code.equals("RequestTimeTooSkewed")) {
      return new StoreException(
          Kind.ACCESS_DENIED, failed + "this machine's clock is wrong; set it", e);
    }
    if (EXPIRED.contains(code)) {
      return new StoreException(
          Kind.ACCESS_DENIED, failed + "the credentials have expired; sign in again", e);
    }
    if (BAD_KEYS.contains(code) || status == 401) {
      return new StoreException(
          Kind.ACCESS_DENIED,
          failed + "the credentials are wrong" + said + "; check the access key and the secret key",
          e);
    }
    if (FULL.contains(code) || status == 507) {
      return new StoreException(
          Kind.NO_SPACE,
          failed + "the store is full" + said + "; free some space and try again",
          e);
    }
    if (DENIED.contains(code) || status == 403) {
      return new StoreException(
          Kind.ACCESS_DENIED, failed + "permission denied" + said + deniedRemedy(permission), e);
    }
    return byStatus(e, failed, said);
  }

  private static StoreException byStatus(AwsServiceException e, String failed, String said) {
    int status = e.statusCode();
    if (status == 412 || isConflict(e)) {
      return new StoreException(
          Kind.PRECONDITION_FAILED,
          failed + "it is not in the expected state: someone has changed it",
          e);
    }
    if (isCutShort(e)) {
      return notWhole(failed, e);
    }
    if (status == 404) {
      return new StoreException(Kind.NOT_FOUND, failed + "it does not exist" + said, e);
    }
    if (status == 501 || status == 405) {
      return new StoreException(
          Kind.UNSUPPORTED, failed + "the store does not offer this" + said, e);
    }
    String ill = failed + "the store is overloaded or failing" + said + "; try again";
    if (status == 503 || status == 429 || THROTTLED.contains(SdkWords.codeOf(e))) {
      return StoreException.throttled(ill, e);
    }
    if (status >= 500 || BUSY.contains(SdkWords.codeOf(e))) {
      return new StoreException(Kind.UNAVAILABLE, ill, e);
    }
    return new StoreException(Kind.FAILED, failed + "the store answers " + status + said, e);
  }

  StoreException noBucket(String failed, @Nullable Throwable cause) {
    String message =
        failed + "there is no such bucket; create it, or check bucket, region and endpoint";
    return cause == null
        ? new StoreException(Kind.NO_BUCKET, message)
        : new StoreException(Kind.NO_BUCKET, message, cause);
  }

  private static String deniedRemedy(String permission) {
    String remedy = "; the credentials need " + permission;
    return permission.equals("s3:GetObject")
        ? remedy
            + " (and s3:ListBucket: without it, the store reports an absent object as forbidden)"
        : remedy;
  }

  private String remedy(Optional<String> right) {
    String configured = settings.region().map(region -> ", not " + region).orElse("");
    return right
        .map(region -> "set the region to " + region + configured)
        .orElse("set the region of the bucket" + configured);
  }

  /** The region that the store names, where it is another than the configured one. */
  private Optional<String> rightRegion(AwsServiceException e) {
    Optional<AwsErrorDetails> details = Optional.ofNullable(e.awsErrorDetails());
    Optional<String> header =
        details
            .map(AwsErrorDetails::sdkHttpResponse)
            .flatMap(response -> response.firstMatchingHeader("x-amz-bucket-region"));
    return header
        .or(
            () ->
                details
                    .map(AwsErrorDetails::rawResponse)
                    .flatMap(raw -> regionIn(raw.asString(StandardCharsets.UTF_8))))
        .filter(region -> !settings.region().equals(Optional.of(region)))
        .map(SdkWords::printable);
  }

  private static Optional<String> regionIn(String body) {
    Matcher matcher = EXPECTED_REGION.matcher(body);
    return matcher.find()
        ? Optional.ofNullable(matcher.group(1)).or(() -> Optional.ofNullable(matcher.group(2)))
        : Optional.empty();
  }

  /** What came over the network must not steer the terminal, nor fill it. */
  static <T extends Throwable> Optional<T> cause(Throwable e, Class<T> type) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return Optional.of(type.cast(t));
      }
    }
    return Optional.empty();
  }

  private String where() {
    return "s3://"
        + settings.bucket()
        + settings
            .endpoint()
            .map(
                uri ->
                    " at "
                        + uri.getScheme()
                        + "://"
                        + uri.getHost()
                        + (uri.getPort() < 0 ? "" : ":" + uri.getPort()))
            .orElse("");
  }
}
