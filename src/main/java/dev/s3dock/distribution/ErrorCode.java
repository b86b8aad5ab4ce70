package dev.s3dock.distribution;

/**
 * What the body of an error says (distribution-spec, "Error Codes"), and the status it comes with.
 */
public enum ErrorCode {
  NAME_INVALID(400),
  NAME_UNKNOWN(404),
  MANIFEST_UNKNOWN(404),
  BLOB_UNKNOWN(404),
  DIGEST_INVALID(400),
  UNAUTHORIZED(401),
  UNSUPPORTED(405),
  /** Not of the specification, but of the registry that it comes from, as are the next two. */
  PAGINATION_NUMBER_INVALID(400),
  RANGE_INVALID(416),
  UNAVAILABLE(503),
  /** A request that HTTP itself does not allow. */
  BAD_REQUEST(400),
  /** No endpoint of the protocol has that path. */
  NOT_FOUND(404),
  UNKNOWN(500);

  private final int status;

  ErrorCode(int status) {
    this.status = status;
  }

  /** Of HTTP. */
  public int status() {
    return status;
  }
}
