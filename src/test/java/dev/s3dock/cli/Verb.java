package dev.s3dock.cli;

import dev.s3dock.testing.FaultProxy.Request;

/** The requests that one permission is about. */
public enum Verb {
  LIST,
  GET,
  PUT,
  PUT_POINTERS,
  DELETE,
  COPY,
  CREATE_UPLOAD,
  UPLOAD_PART,
  COPY_PART,
  ABORT,
  LIST_UPLOADS;

  public boolean isVerbOf(Request request) {
    String target = request.target();
    boolean copies = request.headers().containsKey("x-amz-copy-source");
    boolean part = target.contains("partNumber=");
    boolean put = request.method().equals("PUT");
    boolean delete = request.method().equals("DELETE");
    boolean ofObject = target.matches("/[^/?]+/[^?]+.*");
    return switch (this) {
      case LIST -> target.contains("list-type=2");
      case GET -> ofObject && (request.method().equals("GET") || request.method().equals("HEAD"));
      case PUT -> put && !copies && !part;
      case PUT_POINTERS -> put && target.contains("/pointers/");
      case DELETE -> delete && !target.contains("uploadId=");
      case COPY -> put && copies && !part;
      case CREATE_UPLOAD -> request.method().equals("POST") && target.contains("uploads");
      case UPLOAD_PART -> put && part && !copies;
      case COPY_PART -> put && part && copies;
      case ABORT -> delete && target.contains("uploadId=");
      case LIST_UPLOADS -> request.method().equals("GET") && target.contains("?uploads");
    };
  }
}
