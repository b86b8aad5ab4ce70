package dev.s3dock.store.file;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Keys as paths, and paths as keys. */
public final class FolderFuzz {
  private static final Path ROOT = Path.of("/srv/store");

  private FolderFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(FuzzTarget.of("file-names", StoreException.class, FolderFuzz::names));
  }

  private static void names(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    FileLayout.decode(text)
        .ifPresent(name -> require(FileLayout.encode(name).equals(text), "two names of a segment"));
    if (ObjectKey.isValid(text)) {
      Path path = new FileLayout(ROOT).pathOf(new ObjectKey(text));
      require(path.normalize().equals(path), "a path with detours");
      require(path.startsWith(ROOT) && !path.equals(ROOT), "outside of the store: " + path);
    }
  }
}
