package dev.s3dock.engine.docker.build;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** One entry of a context's tar. Owned by root, as the docker program sends it. */
sealed interface ContextItem {
  String name();

  TarArchiveEntry entry() throws IOException;

  /** What follows the entry; empty for a folder or a link. */
  Optional<InputStream> content() throws IOException;

  /**
   * Something on disk, with a date that is not its own.
   *
   * @param executable empty to take that from the disk
   */
  record OnDisk(String name, Path file, Instant date, Optional<Boolean> executable)
      implements ContextItem {
    private static final int MAY_EXECUTE = 0100;

    @Override
    public TarArchiveEntry entry() throws IOException {
      BasicFileAttributes facts = facts();
      TarArchiveEntry entry = blank(facts);
      entry.setModTime(FileTime.from(date));
      entry.setNames("", "");
      if (!facts.isSymbolicLink()) {
        entry.setMode(mode(facts));
      }
      return entry;
    }

    @Override
    public Optional<InputStream> content() throws IOException {
      return facts().isRegularFile() ? Optional.of(Files.newInputStream(file)) : Optional.empty();
    }

    private BasicFileAttributes facts() throws IOException {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private TarArchiveEntry blank(BasicFileAttributes facts) throws IOException {
      if (facts.isSymbolicLink()) {
        TarArchiveEntry link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        link.setLinkName(Files.readSymbolicLink(file).toString());
        return link;
      }
      TarArchiveEntry entry = new TarArchiveEntry(facts.isDirectory() ? name + "/" : name);
      entry.setSize(facts.isDirectory() ? 0 : facts.size());
      return entry;
    }

    private int mode(BasicFileAttributes facts) throws IOException {
      return facts.isDirectory() || mayBeExecuted() ? 0755 : 0644;
    }

    private boolean mayBeExecuted() throws IOException {
      return executable.isPresent() ? executable.get() : mayBeExecutedOnDisk();
    }

    private boolean mayBeExecutedOnDisk() throws IOException {
      return file.getFileSystem().supportedFileAttributeViews().contains("unix")
          && ((int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & MAY_EXECUTE)
              != 0;
    }
  }

  /** A file that is made up for the tar. */
  final class Given implements ContextItem {
    private final String name;
    private final byte[] bytes;

    Given(String name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes.clone();
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public TarArchiveEntry entry() {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setSize(bytes.length);
      entry.setModTime(FileTime.fromMillis(0));
      entry.setNames("", "");
      return entry;
    }

    @Override
    public Optional<InputStream> content() {
      return Optional.of(new ByteArrayInputStream(bytes));
    }
  }
}
