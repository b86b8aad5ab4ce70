package dev.s3dock.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Secrets that tests hand to s3dock wherever a user would, and that must come out nowhere. Each has
 * {@link #MARK} in it, so that {@code scripts/check-secrets} finds them in reports and logs too.
 */
public final class PlantedSecrets {
  /** In every secret; nowhere else in what tests print. */
  public static final String MARK = "PLANTED7f3a9c";

  public static final String ACCESS_KEY = "AK" + MARK + "ACCESS";
  public static final String SECRET_KEY = "secret/" + MARK + "+key";
  public static final String SESSION_TOKEN = "token-" + MARK + "-session==";
  public static final String REGISTRY_PASSWORD = "registry-" + MARK;
  public static final String PASSWORD = "password-" + MARK;
  public static final String VARIABLE = "variable-" + MARK;

  /** Where the output of processes is kept for {@code scripts/check-secrets}. */
  private static final Path OUTPUTS = Path.of("target", "command-output.log");

  private static final int LENGTH_OF_THREE = 3;

  private PlantedSecrets() {}

  /** What {@code docker login} writes. */
  public static String dockerConfig() {
    String user = "planted:" + REGISTRY_PASSWORD;
    return "{\"auths\":{\"registry.example.com\":{\"auth\":\"%s\"}}}"
        .formatted(Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
  }

  /** Where a secret is in a text: as it is, in an URL, or in Base64. The part around it. */
  public static Optional<String> in(String text) {
    for (String form : forms()) {
      int at = text.indexOf(form);
      if (at >= 0) {
        return Optional.of(text.substring(Math.max(0, at - 200), Math.min(text.length(), at + 80)));
      }
    }
    return Optional.empty();
  }

  /** Fails if a secret is in a text. */
  public static void requireAbsent(String what, String text) {
    in(text)
        .ifPresent(
            found -> {
              throw new AssertionError("a secret in " + what + ": " + found);
            });
  }

  /** Keeps what a process has printed, for the check at the end of everything. */
  public static void keep(Path output) {
    try {
      if (Files.isRegularFile(output)) {
        synchronized (PlantedSecrets.class) {
          Files.createDirectories(OUTPUTS.resolveSibling(""));
          Files.write(
              OUTPUTS,
              Files.readAllBytes(output),
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All forms that the mark can have. */
  private static List<String> forms() {
    List<String> forms =
        new ArrayList<>(List.of(MARK, URLEncoder.encode(SECRET_KEY, StandardCharsets.UTF_8)));
    for (int shift = 0; shift < LENGTH_OF_THREE; shift++) {
      byte[] shifted = (" ".repeat(shift) + MARK).getBytes(StandardCharsets.UTF_8);
      String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
      // the digits at both ends also hold bits of what stands around the mark
      forms.add(base64.substring(shift == 0 ? 0 : shift + 1, base64.length() - 1));
    }
    return forms;
  }
}
