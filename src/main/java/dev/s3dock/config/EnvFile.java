package dev.s3dock.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Variables in a file, in the form of {@code docker run --env-file}: lines of {@code NAME=value},
 * the value as it stands; empty lines and lines that begin with {@code #} do not count. Messages
 * show no line.
 */
public final class EnvFile {
  private static final long MAX_BYTES = 1 << 20;

  private EnvFile() {}

  /**
   * Reads one that only its owner may read.
   *
   * @throws ConfigException if others can read it, and for what {@link #read} refuses
   */
  public static Map<String, String> readPrivate(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.GROUP_READ)
          || permissions.contains(PosixFilePermission.OTHERS_READ)) {
        throw new ConfigException(
            "%s holds secrets and others can read it: chmod 600 %s".formatted(file, file));
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return read(file);
  }

  /**
   * Reads one.
   *
   * @throws ConfigException if it cannot be read, or a line has no name
   */
  public static Map<String, String> read(Path file) {
    Map<String, String> variables = new LinkedHashMap<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 1 || line.substring(0, equals).isBlank()) {
        throw new ConfigException("%s, line %d is not NAME=value".formatted(file, number));
      }
      variables.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return variables;
  }

  private static List<String> lines(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(file + " is larger than 1 MiB, which is not a file of variables");
      }
      return ConfigFile.withoutMark(Files.readString(file)).lines().toList();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static ConfigException unreadable(Path file, IOException e) {
    return new ConfigException(
        e instanceof NoSuchFileException
            ? "there is no file " + file
            : "cannot read %s: %s".formatted(file, e.getMessage()));
  }
}
