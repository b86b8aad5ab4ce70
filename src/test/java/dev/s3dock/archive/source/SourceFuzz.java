package dev.s3dock.archive.source;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.FuzzTarget;
import dev.s3dock.testing.Scratch;
import dev.s3dock.testing.TestTar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where images come from. For two of the targets the input is a text of files, separated by {@code
 * %%}: a name, a line break, the content; {@code @3} stands for the digest of the third file, so
 * that what a mutation leaves alone still fits together.
 */
public final class SourceFuzz {
  private static final Set<Class<? extends Exception>> DECLARED =
      Set.of(CorruptArchiveException.class, UnsuitableImageException.class);

  private SourceFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(
        new FuzzTarget("tar", DECLARED, SourceFuzz::tar),
        new FuzzTarget("docker-archive", DECLARED, SourceFuzz::dockerArchive),
        new FuzzTarget("oci-layout", DECLARED, SourceFuzz::ociLayout));
  }

  /** The bytes of a tar, perhaps compressed. */
  private static void tar(byte[] input) throws IOException {
    scan(ImageSource.ofStream(new ByteArrayInputStream(input), "x.tar"));
  }

  private static void dockerArchive(byte[] input) throws IOException {
    TestTar tar = new TestTar();
    for (SourceFile file : SourceFile.allOf(input)) {
      if (!file.name().endsWith("/")) { // which would be a folder
        file.addTo(tar);
      }
    }
    scan(ImageSource.ofStream(new ByteArrayInputStream(tar.end()), "x.tar"));
  }

  private static void ociLayout(byte[] input) throws IOException {
    try (Scratch scratch = Scratch.open()) {
      Path layout = Files.createDirectory(scratch.folder().resolve("layout"));
      for (SourceFile file : SourceFile.allOf(input)) {
        file.addTo(layout);
      }
      ImageSource source = ImageSource.of(layout);
      if (scan(source)) {
        pack(source, scratch.folder());
      }
    }
  }

  private static boolean scan(ImageSource source) throws IOException {
    ImageSummary image = ImageScanner.scan(source);
    require(image.diffIds().size() <= FormatLimits.MAX_LAYERS, "too many layers");
    return true;
  }

  private static void pack(ImageSource source, Path spool) throws IOException {
    StoredArchive stored = StoredArchive.pack(source, spool);
    require(stored.reread().tar().length > 0, "what was packed cannot be read");
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record SourceFile(String name, byte[] content) {
    static List<SourceFile> allOf(byte[] input) {
      List<SourceFile> files = new ArrayList<>();
      String[] texts = new String(input, StandardCharsets.ISO_8859_1).split("%%");
      for (int i = texts.length - 1; i >= 0; i--) {
        String[] parts = texts[i].split("\n", 2);
        byte[] content = latin(filled(parts.length == 2 ? parts[1] : "", texts.length, files));
        files.addFirst(new SourceFile("", content));
        files.set(0, new SourceFile(filled(parts[0], texts.length, files), content));
      }
      return files;
    }

    /** With the digests of the files from this one on, the first of {@code known}. */
    private static String filled(String text, int count, List<SourceFile> known) {
      String filled = text;
      for (int i = 0; i < known.size(); i++) {
        int number = count - known.size() + i + 1;
        filled = filled.replace("@" + number, Digest.of(known.get(i).content()).hex());
      }
      return filled;
    }

    private static byte[] latin(String text) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    void addTo(TestTar tar) {
      String text = new String(content, StandardCharsets.ISO_8859_1);
      if (text.startsWith("->")) {
        tar.symlink(name, text.substring(2));
      } else if (text.startsWith("=>")) {
        tar.hardLink(name, text.substring(2));
      } else {
        tar.file(name, content);
      }
    }

    /** Only where a file can be: the names inside of the documents are what is tested. */
    void addTo(Path layout) throws IOException {
      if (name.matches("[a-z0-9./-]{1,100}") && !name.contains("..") && !name.endsWith("/")) {
        Path file = layout.resolve("./" + name).normalize();
        if (!Files.exists(file) && file.startsWith(layout) && !file.equals(layout)) {
          try {
            Files.createDirectories(file.resolveSibling(""));
            Files.write(file, content);
          } catch (java.nio.file.FileSystemException e) {
            return; // a file where a folder would have to be
          }
        }
      }
    }
  }
}
