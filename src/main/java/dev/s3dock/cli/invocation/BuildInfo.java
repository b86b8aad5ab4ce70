package dev.s3dock.cli.invocation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which s3dock this is, as its build has written it down. */
public final class BuildInfo implements IVersionProvider {
  private static final String RESOURCE = "build.properties";

  /** Read once: an agent names itself in each look. */
  private static final Properties PROPERTIES = read();

  private static Properties read() {
    Properties properties = new Properties();
    try (InputStream in = BuildInfo.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  /** A value that the build did not know, outside a git checkout, still has its placeholder. */
  private static String known(String name) {
    String value = PROPERTIES.getProperty(name, "");
    return value.isEmpty() || value.startsWith("$") ? "unknown" : value;
  }

  public String version() {
    return known("version");
  }

  public String commit() {
    return known("commit");
  }

  public String date() {
    return known("date");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"s3dock %s (commit %s, %s)".formatted(version(), commit(), date())};
  }
}
