package dev.s3dock.store;

import java.time.Duration;

/** Is told of each request to a store that is asked over the network; by several threads. */
public interface RequestListener {
  /** Hears nothing. */
  RequestListener NONE = request -> {};

  /** A request was answered. One that broke off is told of by the error, or made again. */
  void answered(Request request);

  /**
   * A request and its answer.
   *
   * @param target path and query, as they are sent
   * @param status of HTTP
   * @param sent bytes of its body
   * @param received bytes of the answer's body, as announced; 0 if that is not said
   * @param took until the answer began
   */
  record Request(
      String method, String target, int status, long sent, long received, Duration took) {}
}
