package dev.s3dock.store.file;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where objects lie below the root: the segments of the key are the names of the folders and of the
 * file. Bytes outside of printable ASCII, and the percent sign, are written as {@code %XX}, so that
 * neither the locale nor the file system's idea of Unicode changes a key.
 *
 * @param held true to keep folders open where Java can do that, see {@link Folder}
 */
record FileLayout(Path root, boolean held) {
  /** Folder of the store's own files; no key may lie in it. */
  static final String RESERVED = ".s3dock";

  /** A folder that vanishes while it is used is made again, this often. */
  private static final int TRIES = 100;

  FileLayout(Path root) {
    this(root, true);
  }

  /** Path of an object, for those who look at it and do not touch it. */
  Path pathOf(ObjectKey key) {
    Path path = root;
    for (String segment : checked(key).split("/", -1)) {
      path = path.resolve(encode(segment));
    }
    return path;
  }

  /** True for keys of the store's own files. */
  static boolean isReserved(String key) {
    return key.equals(RESERVED) || key.startsWith(RESERVED + "/");
  }

  /** Opens the folder that an object lies in; as {@link #openFolder}. */
  Optional<Folder> openFolderOf(ObjectKey key) throws IOException {
    return openFolder(parentKey(checked(key)));
  }

  /**
   * Opens the folder that an object is going to lie in, and makes it if there is none.
   *
   * @throws NotDirectoryException if a file, or a link, is on the way
   */
  Folder makeFolderOf(ObjectKey key) throws IOException {
    return makeFolder(parentKey(checked(key)));
  }

  /**
   * Opens a folder of objects; empty if there is none, or something else than a folder on the way.
   *
   * @param folder empty (the root itself) or of the form of a key
   */
  Optional<Folder> openFolder(String folder) throws IOException {
    try {
      return walk(folder, false);
    } catch (NotDirectoryException e) {
      return Optional.empty();
    }
  }

  /** Opens a folder, also one of the store's own, and makes it if there is none. */
  Folder makeFolder(String folder) throws IOException {
    return makeFolder(folder, made -> made);
  }

  /** Opens something in a folder, which stays open with it. */
  interface Opening<T> {
    T in(Folder folder) throws IOException;
  }

  /**
   * Makes a folder, if there is none, and opens something in it. One that is empty may vanish
   * meanwhile: others who make the same rename theirs over it, and deletes remove it. Then it is
   * made again.
   */
  <T> T makeFolder(String name, Opening<T> opening) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Folder folder = walk(name, true).orElseThrow(() -> new NoSuchFileException(name));
        try {
          return opening.in(folder);
        } catch (IOException | RuntimeException e) {
          folder.close();
          throw e;
        }
      } catch (NoSuchFileException e) {
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  private Optional<Folder> walk(String key, boolean make) throws IOException {
    Folder folder = Folder.open(root, held);
    boolean handedOn = false;
    try {
      for (String segment : key.isEmpty() ? new String[0] : key.split("/", -1)) {
        Path name = Path.of(encode(segment));
        Optional<Folder> next = make ? Optional.of(folder.make(name)) : folder.child(name);
        if (next.isEmpty()) {
          return Optional.empty();
        }
        folder = next.get();
      }
      handedOn = true;
      return Optional.of(folder);
    } finally {
      if (!handedOn) {
        folder.close();
      }
    }
  }

  /** The state of an object; empty if there is none, or a link on the way. */
  Optional<FileState> state(ObjectKey key) throws IOException {
    Optional<Folder> found = openFolderOf(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (Folder folder = found.get()) {
      return FileState.of(folder, nameOf(key));
    }
  }

  private static String checked(ObjectKey key) {
    if (isReserved(key.value())) {
      throw new StoreException(
          StoreException.Kind.FAILED, key + ": keys below " + RESERVED + "/ are reserved");
    }
    return key.value();
  }

  private static String parentKey(String key) {
    return key.substring(0, Math.max(0, key.lastIndexOf('/')));
  }

  /** The name of an object's file in its folder. */
  static Path nameOf(ObjectKey key) {
    return Path.of(encode(key.value().substring(key.value().lastIndexOf('/') + 1)));
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
