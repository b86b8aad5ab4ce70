package dev.s3dock.cli;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.source.UnsuitableImageException;
import dev.s3dock.cli.invocation.DiagnosisException;
import dev.s3dock.cli.invocation.ReportedException;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.ConfigException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.distribution.ErrorCode;
import dev.s3dock.distribution.RefusedException;
import dev.s3dock.distribution.client.DistributionException;
import dev.s3dock.engine.EngineException;
import dev.s3dock.git.GitException;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.login.LoginException;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.TransferException;
import picocli.CommandLine.ParameterException;

/** Which exit code a failure has; {@code docs/exit-codes.md} lists them for users. */
public final class ExitCode {
  /** Something failed that no other code names. */
  public static final int FAILURE = 1;

  /** The command line, a name or the configuration is malformed. */
  static final int USAGE = 2;

  /** What was named does not exist. */
  public static final int NOT_FOUND = 3;

  /** A lost race, or a rule refuses it. */
  public static final int CONFLICT = 4;

  /** Bytes or objects are not what they must be. */
  public static final int INTEGRITY = 5;

  /** The engine cannot be reached, or is too old. */
  public static final int ENGINE = 6;

  /** The store or a registry cannot be reached, or denies access. */
  public static final int STORE = 7;

  private ExitCode() {}

  /** The code of what a command throws. */
  static int of(Exception failure) {
    return switch (failure) {
      case InvalidNameException e -> USAGE;
      case UsageException e -> USAGE;
      case ParameterException e -> USAGE;
      case ConfigException e -> e.isNoProfile() ? NOT_FOUND : USAGE;
      case RegistryException e -> of(e.kind());
      case StoreException e -> of(e.kind());
      case EngineException e -> of(e.kind());
      case GitException e -> of(e.kind());
      case TransferException e -> of(e.kind());
      case DistributionException e -> of(e.kind());
      case LoginException e -> USAGE;
      case RefusedException e -> of(e.code());
      case DeployException e -> of(e.kind());
      case LoadBalancerException e -> FAILURE;
      case ReportedException e -> of(e.reason());
      case DiagnosisException e -> of(e.reason());
      case CorruptArchiveException e -> INTEGRITY;
      case UnsuitableImageException e -> INTEGRITY;
      default -> FAILURE;
    };
  }

  private static int of(RegistryException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> NOT_FOUND;
      case CONFLICT -> CONFLICT;
      case CORRUPT -> INTEGRITY;
      case TOO_MANY -> FAILURE;
    };
  }

  private static int of(ErrorCode code) {
    return switch (code) {
      case NAME_UNKNOWN, MANIFEST_UNKNOWN, BLOB_UNKNOWN, NOT_FOUND -> NOT_FOUND;
      case UNAVAILABLE -> STORE;
      case NAME_INVALID, DIGEST_INVALID, PAGINATION_NUMBER_INVALID, BAD_REQUEST -> USAGE;
      case UNAUTHORIZED, UNSUPPORTED, RANGE_INVALID, UNKNOWN -> FAILURE;
    };
  }

  private static int of(StoreException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> NOT_FOUND;
      case PRECONDITION_FAILED, NO_PRECONDITIONS -> CONFLICT;
      case TOO_LARGE -> INTEGRITY;
      case NO_BUCKET, ACCESS_DENIED, WRONG_REGION, UNAVAILABLE -> STORE;
      case NO_SPACE, UNSUPPORTED, FAILED -> FAILURE;
    };
  }

  private static int of(EngineException.Kind kind) {
    return switch (kind) {
      case UNAVAILABLE, TOO_OLD -> ENGINE;
      case NOT_FOUND -> NOT_FOUND;
      case BUILD_FAILED, LOAD_REFUSED, NO_SPACE, FAILED -> FAILURE;
    };
  }

  private static int of(GitException.Kind kind) {
    return switch (kind) {
      case NOT_A_REPOSITORY, NO_COMMITS, UNSAFE -> CONFLICT;
      case NO_GIT, FAILED -> FAILURE;
    };
  }

  private static int of(TransferException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> NOT_FOUND;
      case REFUSED, CHANGED -> CONFLICT;
      case INTEGRITY -> INTEGRITY;
    };
  }

  private static int of(DistributionException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> NOT_FOUND;
      case DENIED, UNAVAILABLE -> STORE;
      case INTEGRITY -> INTEGRITY;
      case FAILED -> FAILURE;
    };
  }

  private static int of(DeployException.Kind kind) {
    return switch (kind) {
      case FAILED, UNFIT -> FAILURE;
      case SETTINGS -> USAGE;
      case LOCKED, OVERTAKEN -> CONFLICT;
    };
  }
}
