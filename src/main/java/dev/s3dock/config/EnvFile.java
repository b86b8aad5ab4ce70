package dev.s3dock.config;

import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Variables in a file, in the form of {@code docker run --env-file} (docker/cli, kvfile): lines of
 * {@code NAME=value}, the value as it stands; blanks before the name, empty lines and lines that
 * begin with {@code #} do not count. A {@code NAME} alone takes its value from the environment, and
 * is left out if it has none there. Messages show no line.
 */
public final class EnvFile {
  private static final long MAX_BYTES = 1 << 20;

  private EnvFile() {}

  /**
   * Reads one that only its owner may read.
   *
   * @throws ConfigException if others can read it, and for what {@link #read} refuses
   */
  public static Map<String, String> readPrivate(Path file, Map<String, String> environment) {
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
    return read(file, environment);
  }

  /**
   * Reads one.
   *
   * @param environment of s3dock
   * @throws ConfigException if it cannot be read, or a line has no name
   */
  public static Map<String, String> read(Path file, Map<String, String> environment) {
    Map<String, String> variables = new LinkedHashMap<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      String text = line.stripLeading();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      int equals = text.indexOf('=');
      String name = equals < 0 ? text : text.substring(0, equals);
      if (name.isEmpty() || name.chars().anyMatch(Character::isWhitespace)) {
        throw new ConfigException(
            "%s, line %d is not NAME=value: a name has no blanks, and no `export` before it"
                .formatted(file, number));
      }
      if (equals >= 0) {
        variables.put(name, text.substring(equals + 1));
      } else if (environment.containsKey(name)) {
        variables.put(name, environment.get(name));
      }
    }
    return variables;
  }

  private static List<String> lines(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(file + " is larger than 1 MiB, which is not a file of variables");
      }
      return ConfigFile.withoutMark(Files.readString(file)).lines().toList();
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + " is not UTF-8");
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static ConfigException unreadable(Path file, IOException e) {
    return new ConfigException(
        e instanceof NoSuchFileException
            ? "there is no file " + file
            : "cannot read %s: %s".formatted(file, FailureWords.of(e)));
  }
}
