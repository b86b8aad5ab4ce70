package dev.s3dock.config;

import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whose files are obeyed without being named: those of this user and of root, in folders of theirs,
 * that nobody else can write. Where a file system knows no owners, all are.
 */
public final class Trust {
  private static final int GROUP_WRITES = 020;
  private static final int OTHERS_WRITE = 02;

  /** Of a folder such as {@code /tmp}: nobody but its owner removes or renames what is in it. */
  private static final int STICKY = 01000;

  /** Debian's group of those who may write {@code /usr/local}, which is as good as being root. */
  private static final int STAFF = 50;

  private Trust() {}

  /**
   * Refuses a file that somebody else could have written.
   *
   * @param file that exists, or is missed by whoever reads it
   * @param remedy what to do, after a semicolon
   * @throws ConfigException that names the file, what is wrong with it, and the remedy
   */
  public static void require(Path file, String remedy) {
    objection(file)
        .ifPresent(
            reason -> {
              throw new ConfigException("%s is not used: %s; %s".formatted(file, reason, remedy));
            });
  }

  /**
   * Why a file or folder could have been written by somebody else: it, its folder, or, for a link,
   * what it leads to. Empty if it could not, and if there is no such file.
   */
  public static Optional<String> objection(Path file) {
    Set<Path> asked = new LinkedHashSet<>();
    try {
      Path real = file.toRealPath();
      asked.add(real);
      addParent(asked, real);
      addParent(asked, file.toAbsolutePath());
      boolean folder = Files.isDirectory(real); // of which, unlike a file, nobody can make a link
      for (Path path : asked) {
        Optional<String> reason = reason(path, folder && !path.equals(real));
        if (reason.isPresent()) {
          return reason;
        }
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("its owner cannot be found out (" + FailureWords.of(e) + ")");
    }
  }

  private static void addParent(Set<Path> paths, Path file) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      paths.add(parent.toRealPath());
    }
  }

  private static Optional<String> reason(Path path, boolean mayBeSticky) throws IOException {
    Map<String, Object> found;
    try {
      found = Files.readAttributes(path, "unix:uid,gid,mode,owner,group");
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.empty(); // a file system without owners
    }
    int owner = number(found, "uid");
    int mode = number(found, "mode");
    if (owner != 0 && !isMe(owner, String.valueOf(found.get("owner")))) {
      return Optional.of("%s belongs to %s".formatted(path, found.get("owner")));
    }
    if (mayBeSticky && (mode & STICKY) != 0) {
      return Optional.empty();
    }
    boolean byOthers = (mode & OTHERS_WRITE) != 0;
    boolean byGroup = (mode & GROUP_WRITES) != 0 && !isOfOwner(found);
    if ((byOthers || byGroup) && !Files.getFileStore(path).isReadOnly()) {
      return Optional.of(
          byOthers
              ? "everybody can write " + path
              : "the group %s can write %s".formatted(found.get("group"), path));
    }
    return Optional.empty();
  }

  /** The process itself tells its user; where it cannot, the user's name does. */
  private static boolean isMe(int owner, String name) {
    try {
      Path self = Path.of("/proc/self");
      if (Files.exists(self, LinkOption.NOFOLLOW_LINKS)) {
        return Integer.valueOf(owner).equals(Files.getAttribute(self, "unix:uid"));
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      // no such file system
    }
    return name.equals(System.getProperty("user.name"));
  }

  /** A group of the owner alone, as systems make one for each user, or one that is as root. */
  private static boolean isOfOwner(Map<String, Object> found) {
    int owner = number(found, "uid");
    int group = number(found, "gid");
    boolean sameName =
        String.valueOf(found.get("owner")).equals(String.valueOf(found.get("group")));
    return (owner == group && sameName) || (owner == 0 && group == STAFF);
  }

  private static int number(Map<String, Object> found, String name) {
    return (Integer) Objects.requireNonNull(found.get(name));
  }
}
