package dev.s3dock.distribution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.Json;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.StoreException;

/** A request cannot be answered with what it asks for. The message is for whoever asks. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public RefusedException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  private RefusedException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The answer to a request that failed for this reason. */
  public static RefusedException of(Exception failure) {
    return switch (failure) {
      case RefusedException e -> e;
      case StoreException e -> new RefusedException(code(e.kind()), words(e), e);
      case RegistryException e -> new RefusedException(code(e.kind()), words(e), e);
      default -> new RefusedException(ErrorCode.UNKNOWN, words(failure), failure);
    };
  }

  private static String words(Exception e) {
    return Printable.lines(FailureWords.of(e));
  }

  private static ErrorCode code(StoreException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> ErrorCode.MANIFEST_UNKNOWN;
      case NO_BUCKET,
          ACCESS_DENIED,
          WRONG_REGION,
          UNAVAILABLE,
          PRECONDITION_FAILED -> // replaced again and again: the next try may succeed
          ErrorCode.UNAVAILABLE;
      case NO_SPACE, NO_PRECONDITIONS, TOO_LARGE, UNSUPPORTED, FAILED -> ErrorCode.UNKNOWN;
    };
  }

  private static ErrorCode code(RegistryException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND, CONFLICT, CORRUPT -> ErrorCode.MANIFEST_UNKNOWN;
      case TOO_MANY -> ErrorCode.UNKNOWN;
    };
  }

  public ErrorCode code() {
    return code;
  }

  /** The body of the answer (distribution-spec, "Error Codes"). */
  public byte[] json() {
    return json(code, String.valueOf(getMessage()));
  }

  /** The body of an answer with this error. */
  public static byte[] json(ErrorCode code, String message) {
    ObjectNode body = Json.object();
    body.putArray("errors").addObject().put("code", code.name()).put("message", message);
    return Json.bytes(body);
  }
}
