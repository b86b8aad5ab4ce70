package dev.s3dock.store.file;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;

/**
 * Where objects lie below the root: the segments of the key are the names of the folders and of the
 * file. Bytes outside of printable ASCII, and the percent sign, are written as {@code %XX}, so that
 * neither the locale nor the file system's idea of Unicode changes a key.
 */
record FileLayout(Path root) {
  /** Folder of the store's own files; no key may lie in it. */
  static final String RESERVED = ".s3dock";

  /** Path of an object. */
  Path pathOf(ObjectKey key) {
    if (isReserved(key.value())) {
      throw new StoreException(
          StoreException.Kind.FAILED, key + ": keys below " + RESERVED + "/ are reserved");
    }
    return folderOf(key.value());
  }

  /** True for keys of the store's own files. */
  static boolean isReserved(String key) {
    return key.equals(RESERVED) || key.startsWith(RESERVED + "/");
  }

  /** Path of a folder; the text is empty (the root itself) or has the form of a key. */
  Path folderOf(String folder) {
    Path path = root;
    for (String segment : folder.split("/", -1)) {
      path = path.resolve(encode(segment));
    }
    return path;
  }

  /**
   * The first thing between the root and the path that is neither a folder nor absent: a file, or a
   * link, which is never followed.
   */
  Optional<Path> obstacle(Path path) throws IOException {
    Path folder = root;
    for (Path name : root.relativize(path)) {
      if (folder.equals(parentOf(path))) {
        break;
      }
      folder = folder.resolve(name);
      try {
        // one look: between two, another process may make the folder
        if (!Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isDirectory()) {
          return Optional.of(folder);
        }
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** The state of an object; empty if there is none, or a link on the way. */
  Optional<FileState> state(ObjectKey key) throws IOException {
    Path path = pathOf(key);
    return obstacle(path).isPresent() ? Optional.empty() : FileState.of(path);
  }

  /** The folder of a path below the root. */
  static Path parentOf(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  /** The file name of a segment of a key. */
  static String encode(String segment) {
    StringBuilder name = new StringBuilder(segment.length());
    for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b < 0x7f && b != '%') {
        name.append((char) b);
      } else {
        name.append("%%%02X".formatted(b & 0xff));
      }
    }
    return name.toString();
  }

  /** The segment of a file name; empty if {@link #encode} does not write such a name. */
  static Optional<String> decode(String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '%' && i + 2 < name.length()) {
        int high = Character.digit(name.charAt(i + 1), 16);
        int low = Character.digit(name.charAt(i + 2), 16);
        bytes.write(high << 4 | low);
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    String segment = bytes.toString(StandardCharsets.UTF_8);
    return encode(segment).equals(name) ? Optional.of(segment) : Optional.empty();
  }
}
