package dev.s3dock.deploy.loadbalancer.alb;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signature Version 4 of a request (AWS IAM User Guide, "Create a signed AWS API request"). */
final class RequestSignature {
  private static final Pattern HEADER =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([a-z0-9-]+)/elasticloadbalancing/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})");

  private RequestSignature() {}

  /** The code of the error that the request is answered with; empty if it is as it should be. */
  static Optional<String> problem(
      HttpExchange exchange, byte[] body, String accessKey, String secretKey, String region) {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    if (given == null) {
      return Optional.of("MissingAuthenticationToken");
    }
    Matcher header = HEADER.matcher(given);
    String date = exchange.getRequestHeaders().getFirst("X-Amz-Date");
    if (!header.matches() || date == null) {
      return Optional.of("IncompleteSignature");
    }
    if (!header.group(1).equals(accessKey)) {
      return Optional.of("InvalidClientTokenId");
    }
    try {
      String scope =
          "%s/%s/elasticloadbalancing/aws4_request".formatted(header.group(2), header.group(3));
      String toSign =
          String.join(
              "\n",
              "AWS4-HMAC-SHA256",
              date,
              scope,
              hash(canonical(exchange, body, header.group(4))));
      byte[] key = ("AWS4" + secretKey).getBytes(UTF_8);
      for (String part :
          List.of(
              header.group(2), header.group(3), "elasticloadbalancing", "aws4_request", toSign)) {
        key = hmac(key, part);
      }
      boolean same = HexFormat.of().formatHex(key).equals(header.group(5));
      return same && header.group(3).equals(region)
          ? Optional.empty()
          : Optional.of("SignatureDoesNotMatch");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] canonical(HttpExchange exchange, byte[] body, String signed)
      throws GeneralSecurityException {
    StringBuilder text =
        new StringBuilder(exchange.getRequestMethod())
            .append('\n')
            .append(exchange.getRequestURI().getPath())
            .append("\n\n");
    for (String name : signed.split(";")) {
      String value = exchange.getRequestHeaders().getFirst(name);
      text.append(name).append(':').append(value == null ? "" : value.strip()).append('\n');
    }
    return text.append('\n')
        .append(signed)
        .append('\n')
        .append(hash(body))
        .toString()
        .getBytes(UTF_8);
  }

  private static String hash(byte[] content) throws GeneralSecurityException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }
}
