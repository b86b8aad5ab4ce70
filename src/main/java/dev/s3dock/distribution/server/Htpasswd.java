package dev.s3dock.distribution.server;

import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/**
 * Users and their passwords, as {@code htpasswd -B} of Apache writes them: {@code user:$2y$…}, a
 * line each. The file is read again when it has changed. For several threads.
 *
 * <p>bcrypt is slow on purpose, and clients send their password with each request: what was right
 * once is remembered by a keyed hash. Checks take turns, so that wrong ones cannot take all
 * processors.
 */
public final class Htpasswd {
  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");
  private static final int MOST_COST = 14;
  private static final int MOST_REMEMBERED = 10_000;
  private static final int LONGEST_PASSWORD = 72; // bcrypt looks at no more
  private static final String BASIC = "basic ";

  /** Of no password; who asks for a user that is none waits as long as for one that is. */
  private static final String NOBODY =
      "$2y$10$abcdefghijklmnopqrstuuU7PD1XWIdFJ3Vb5fKSkpO6gKGHzGLla";

  private final Path file;
  private final byte[] key = new byte[32];
  private final Semaphore turns =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);
  private final Map<Digest, String> right = new HashMap<>();
  private Map<String, String> hashes;
  private Optional<State> read;

  private record State(FileTime time, long size) {}

  private Htpasswd(Path file) throws IOException {
    this.file = file;
    this.read = state();
    this.hashes = parse(Files.readString(file));
    new SecureRandom().nextBytes(key);
  }

  /** The file cannot be used. The message names it, the line, and the remedy. */
  public static final class UnusableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }
  }

  /**
   * Reads a file.
   *
   * @throws UnusableException if it cannot be read, has no user, or a hash that is not bcrypt's
   */
  public static Htpasswd read(Path file) throws UnusableException {
    try {
      return new Htpasswd(file);
    } catch (UnusableException e) {
      throw e;
    } catch (IOException e) {
      throw new UnusableException(
          "cannot read %s: %s".formatted(Printable.of(file.toString()), FailureWords.of(e)));
    }
  }

  private Map<String, String> parse(String text) throws UnusableException {
    Map<String, String> users = new HashMap<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      String hash = line.substring(colon + 1).strip();
      if (colon < 1 || !BCRYPT.matcher(hash).matches() || cost(hash) > MOST_COST) {
        throw new UnusableException(
            "%s, line %d: only bcrypt hashes of a cost up to %d are taken; write it with `htpasswd -B`"
                .formatted(Printable.of(file.toString()), number, MOST_COST));
      }
      users.put(line.substring(0, colon), hash);
    }
    if (users.isEmpty()) {
      throw new UnusableException(
          "%s has no user; add one with `htpasswd -B`".formatted(Printable.of(file.toString())));
    }
    return users;
  }

  private static int cost(String hash) {
    return Integer.parseInt(hash.substring(4, 6));
  }

  private Optional<State> state() {
    try {
      return Optional.of(new State(Files.getLastModifiedTime(file), Files.size(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A file that cannot be read, or no longer be used, leaves the users as they are. */
  private synchronized Optional<String> hashOf(String user) {
    Optional<State> now = state();
    if (now.isPresent() && !now.equals(read)) {
      read = now;
      try {
        hashes = parse(Files.readString(file));
        right.clear();
      } catch (IOException e) {
        return Optional.ofNullable(hashes.get(user));
      }
    }
    return Optional.ofNullable(hashes.get(user));
  }

  /**
   * Who sends this header {@code Authorization} (RFC 7617); empty if nobody who may ask.
   *
   * @throws InterruptedException if this thread is interrupted while it waits for its turn
   */
  Optional<String> user(String authorization) throws InterruptedException {
    Optional<String> credentials = credentials(authorization);
    int colon = credentials.map(it -> it.indexOf(':')).orElse(-1);
    if (colon < 1) {
      return Optional.empty();
    }
    String user = credentials.get().substring(0, colon);
    byte[] password = credentials.get().substring(colon + 1).getBytes(StandardCharsets.UTF_8);
    if (password.length > LONGEST_PASSWORD) {
      return Optional.empty();
    }
    Optional<String> hash = hashOf(user);
    Digest proof = proof(user, password);
    if (hash.isPresent() && hash.get().equals(remembered(proof))) {
      return Optional.of(user);
    }
    boolean matches = matches(hash.orElse(NOBODY), password) && hash.isPresent();
    if (matches) {
      remember(proof, hash.get());
    }
    return matches ? Optional.of(user) : Optional.empty();
  }

  private boolean matches(String hash, byte[] password) throws InterruptedException {
    turns.acquire();
    try {
      return OpenBSDBCrypt.checkPassword(hash, password);
    } finally {
      turns.release();
    }
  }

  private static Optional<String> credentials(String authorization) {
    if (!authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Digest proof(String user, byte[] password) {
    MessageDigest sha256 = Digest.start();
    sha256.update(key);
    sha256.update(
        Digest.of(user.getBytes(StandardCharsets.UTF_8)).hex().getBytes(StandardCharsets.US_ASCII));
    sha256.update(password);
    return Digest.of(sha256);
  }

  private synchronized String remembered(Digest proof) {
    return right.getOrDefault(proof, "");
  }

  private synchronized void remember(Digest proof, String hash) {
    if (right.size() >= MOST_REMEMBERED) {
      right.clear();
    }
    right.put(proof, hash);
  }
}
