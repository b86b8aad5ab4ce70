package dev.s3dock.doctor;

import dev.s3dock.registry.BucketLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The smallest IAM policy for a role. What a command asks of a store is in {@code docs/stores.md};
 * a test compares the two.
 *
 * @param statements all of them allow
 */
public record Policy(List<Statement> statements) {
  /** Version of the policy language (AWS IAM, "Version"). */
  public static final String LANGUAGE = "2012-10-17";

  private static final List<String> READABLE =
      List.of(
          BucketLayout.IMAGES,
          BucketLayout.TAGS,
          BucketLayout.POINTERS,
          BucketLayout.AUDIT,
          BucketLayout.DEPLOYMENTS,
          BucketLayout.MANIFESTS);

  /**
   * What may be done with what.
   *
   * @param id letters, says what it is for
   * @param actions such as {@code s3:GetObject}
   * @param resources ARNs, with {@code *}
   */
  public record Statement(String id, List<String> actions, List<String> resources) {
    public Statement {
      actions = List.copyOf(actions);
      resources = List.copyOf(resources);
    }
  }

  public Policy {
    statements = List.copyOf(statements);
  }

  /**
   * What a policy is for.
   *
   * @param region of the bucket; decides in which partition of AWS it lies
   * @param probes where the store's adapter tries what the store does; empty at Amazon
   * @param deployingHost a host that also deploys, and reports that; for readers and deployers
   * @param targetGroups ARNs of those at AWS that the host moves traffic through; for deployers
   */
  public record Scope(
      String bucket,
      Optional<String> region,
      Optional<String> probes,
      Optional<String> deployingHost,
      List<String> targetGroups) {
    public Scope {
      targetGroups = List.copyOf(targetGroups);
    }
  }

  /** The policy of a role. */
  public static Policy of(Role role, Scope scope) {
    Arns arns = new Arns(scope);
    List<Statement> statements = new ArrayList<>(reading(arns));
    statements.addAll(
        switch (role) {
          case READER -> deploying(scope, arns);
          case DEPLOYER ->
              Stream.concat(deploying(scope, arns).stream(), balancing(scope).stream()).toList();
          case PUBLISHER -> publishing(arns);
          case PROMOTER -> promoting(arns);
          case CLEANER -> cleaning(arns);
        });
    if (!role.onlyReads() || scope.deployingHost().isPresent()) {
      scope.probes().ifPresent(folder -> statements.add(probing(role, folder, arns)));
    }
    return new Policy(statements);
  }

  private record Arns(Scope scope) {
    String bucket() {
      String region = scope.region().orElse("");
      String partition =
          region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
      return "arn:%s:s3:::%s".formatted(partition, scope.bucket());
    }

    List<String> below(String... folders) {
      return Stream.of(folders).map(folder -> bucket() + "/" + folder + "*").toList();
    }
  }

  private static List<Statement> reading(Arns arns) {
    return List.of(
        new Statement("List", List.of("s3:ListBucket"), List.of(arns.bucket())),
        new Statement(
            "Read", List.of("s3:GetObject"), arns.below(READABLE.toArray(String[]::new))));
  }

  private static List<Statement> deploying(Scope scope, Arns arns) {
    return scope.deployingHost().stream()
        .flatMap(
            host ->
                Stream.of(
                    new Statement(
                        "ReportDeployments",
                        List.of("s3:PutObject"),
                        List.of(
                            arns.bucket() + "/" + BucketLayout.deploymentsOf(host),
                            arns.below(BucketLayout.AUDIT).getFirst())),
                    new Statement(
                        "BeginInRollouts",
                        List.of("s3:PutObject", "s3:DeleteObject"),
                        List.of(arns.bucket() + "/" + BucketLayout.begunOf(host))),
                    new Statement(
                        "EndInRollouts",
                        List.of("s3:GetObject", "s3:PutObject"),
                        List.of(arns.bucket() + "/" + BucketLayout.endedOf(host)))))
        .toList();
  }

  /**
   * What the driver {@code alb} asks for. The actions that describe have no resources of their own
   * (Service Authorization Reference, "Actions defined by AWS Elastic Load Balancing V2"), so they
   * can only be allowed for all.
   */
  private static List<Statement> balancing(Scope scope) {
    return scope.targetGroups().isEmpty()
        ? List.of()
        : List.of(
            new Statement(
                "MoveTraffic",
                List.of(
                    "elasticloadbalancing:RegisterTargets",
                    "elasticloadbalancing:DeregisterTargets"),
                scope.targetGroups()),
            new Statement(
                "SeeTraffic",
                List.of(
                    "elasticloadbalancing:DescribeTargetHealth",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetGroupAttributes"),
                List.of("*")));
  }

  private static List<Statement> publishing(Arns arns) {
    return List.of(
        new Statement(
            "Publish",
            List.of("s3:PutObject"),
            arns.below(
                BucketLayout.IMAGES,
                BucketLayout.MANIFESTS,
                BucketLayout.SET_ASIDE,
                BucketLayout.AUDIT)),
        new Statement(
            "LeadToLayers",
            List.of("s3:GetObject", "s3:PutObject"),
            arns.below(BucketLayout.LAYERS)),
        new Statement(
            "RecogniseOwnWrites", List.of("s3:GetObject"), arns.below(BucketLayout.SET_ASIDE)),
        new Statement(
            "Compose",
            List.of("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
            arns.below(BucketLayout.TEMPORARY)),
        abortingUploads(arns));
  }

  private static Statement abortingUploads(Arns arns) {
    return new Statement(
        "AbortUploads",
        List.of("s3:AbortMultipartUpload"),
        arns.below(BucketLayout.IMAGES, BucketLayout.SET_ASIDE, BucketLayout.TEMPORARY));
  }

  private static List<Statement> promoting(Arns arns) {
    return List.of(
        new Statement(
            "Promote",
            List.of("s3:PutObject"),
            arns.below(BucketLayout.TAGS, BucketLayout.POINTERS, BucketLayout.AUDIT)),
        new Statement(
            "Examine",
            List.of("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
            arns.below(ScratchObjects.folder())));
  }

  private static List<Statement> cleaning(Arns arns) {
    return List.of(
        new Statement(
            "ListUploads", List.of("s3:ListBucketMultipartUploads"), List.of(arns.bucket())),
        new Statement(
            "ReadWhatGoes",
            List.of("s3:GetObject"),
            arns.below(
                BucketLayout.SET_ASIDE,
                BucketLayout.TEMPORARY,
                BucketLayout.JOURNALS,
                BucketLayout.LAYERS)),
        new Statement(
            "MarkAndRecord",
            List.of("s3:PutObject"),
            List.of(
                arns.bucket() + "/" + BucketLayout.IMAGES + "*.json",
                arns.below(BucketLayout.MANIFESTS).getFirst(),
                arns.below(BucketLayout.JOURNALS).getFirst(),
                arns.below(BucketLayout.AUDIT).getFirst())),
        new Statement(
            "Remove",
            List.of("s3:DeleteObject"),
            arns.below(
                BucketLayout.IMAGES,
                BucketLayout.MANIFESTS,
                BucketLayout.SET_ASIDE,
                BucketLayout.TEMPORARY,
                BucketLayout.JOURNALS,
                BucketLayout.LAYERS,
                BucketLayout.ROLLOUTS)),
        abortingUploads(arns),
        new Statement("Examine", List.of("s3:PutObject"), arns.below(ScratchObjects.folder())));
  }

  private static Statement probing(Role role, String folder, Arns arns) {
    List<String> writes = List.of("s3:GetObject", "s3:PutObject", "s3:DeleteObject");
    List<String> uploads = role.sendsArchives() ? List.of("s3:AbortMultipartUpload") : List.of();
    return new Statement(
        "TryConditionalWrites",
        Stream.concat(writes.stream(), uploads.stream()).toList(),
        arns.below(folder));
  }
}
