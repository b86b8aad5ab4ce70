package dev.s3dock.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which s3dock this is, as its build has written it down. */
final class BuildInfo implements IVersionProvider {
  private static final String RESOURCE = "build.properties";

  private final Properties properties = new Properties();

  BuildInfo() {
    try (InputStream in = BuildInfo.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A value that the build did not know, outside a git checkout, still has its placeholder. */
  private String known(String name) {
    String value = properties.getProperty(name, "");
    return value.isEmpty() || value.startsWith("$") ? "unknown" : value;
  }

  String version() {
    return known("version");
  }

  String commit() {
    return known("commit");
  }

  String date() {
    return known("date");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"s3dock %s (commit %s, %s)".formatted(version(), commit(), date())};
  }
}
