package dev.s3dock.cli.page;

import dev.s3dock.testing.FaultProxy.Request;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What requests cost money for, at stores with a price for each. */
public final class Costs {
  private Costs() {}

  /**
   * Counts by kind: GET, HEAD, PUT (with copies), LIST, LIST UPLOADS, DELETE (with aborts, as free
   * of charge at Amazon), and MULTIPART for the starts, parts and ends of uploads.
   */
  public static Map<String, Long> count(List<Request> requests) {
    Map<String, Long> counts = new HashMap<>();
    requests.forEach(request -> counts.merge(kind(request), 1L, Long::sum));
    return counts;
  }

  private static String kind(Request request) {
    String target = request.target();
    boolean ofBucket = !target.split("\\?", 2)[0].substring(1).contains("/");
    if (ofBucket) {
      return target.contains("uploads") ? "LIST UPLOADS" : "LIST";
    }
    return switch (request.method()) {
      case "POST" -> "MULTIPART";
      case "PUT" -> target.contains("partNumber=") ? "MULTIPART" : "PUT";
      default -> request.method();
    };
  }
}
