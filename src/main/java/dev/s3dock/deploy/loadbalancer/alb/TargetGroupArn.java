package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.image.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a target group: {@code
 * arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID} (Service Authorization
 * Reference, "Resource types defined by AWS Elastic Load Balancing V2").
 *
 * @param text all of it
 * @param region where its load balancer is, and the API that knows it
 * @param name of the target group, which is unique in its region and account
 */
public record TargetGroupArn(String text, String region, String name) {
  private static final Pattern FORM =
      Pattern.compile(
          "arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):[0-9]{12}:targetgroup/([A-Za-z0-9-]{1,32})/[0-9a-f]{16}");

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException that names what is wrong
   */
  public static TargetGroupArn parse(String text) {
    Matcher arn = FORM.matcher(text);
    if (!arn.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not the ARN of a target group, such as arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef"
              .formatted(Printable.of(text)));
    }
    return new TargetGroupArn(text, arn.group(1), arn.group(2));
  }

  @Override
  public String toString() {
    return text;
  }
}
