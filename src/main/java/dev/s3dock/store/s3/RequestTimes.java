package dev.s3dock.store.s3;

import dev.s3dock.store.RequestListener;
import dev.s3dock.store.RequestListener.Request;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpHeaders;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Tells of every try of every request what it was and how long it took. Headers are not told. */
final class RequestTimes implements ExecutionInterceptor {
  private static final ExecutionAttribute<Long> BEGUN =
      new ExecutionAttribute<>("dev.s3dock.begun");

  private final RequestListener listener;

  RequestTimes(RequestListener listener) {
    this.listener = listener;
  }

  @Override
  public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes call) {
    call.putAttribute(BEGUN, System.nanoTime());
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes call) {
    SdkHttpRequest request = context.httpRequest();
    Long begun = call.getAttribute(BEGUN);
    listener.answered(
        new Request(
            request.method().name(),
            request.encodedPath() + request.encodedQueryParameters().map(q -> "?" + q).orElse(""),
            context.httpResponse().statusCode(),
            length(request),
            request.method().name().equals("HEAD") ? 0 : length(context.httpResponse()),
            Duration.ofNanos(begun == null ? 0 : System.nanoTime() - begun)));
  }

  private static long length(SdkHttpHeaders message) {
    Optional<String> length = message.firstMatchingHeader("Content-Length");
    return length.filter(text -> text.matches("[0-9]{1,18}")).map(Long::parseLong).orElse(0L);
  }
}
