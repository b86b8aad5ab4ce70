package dev.s3dock.archive;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageSettings;
import dev.s3dock.archive.read.FetchRange;
import dev.s3dock.archive.source.EntryName;
import dev.s3dock.testing.FuzzTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The pieces of an archive: its index, its chunks, its config, names in tars. */
public final class ArchiveFuzz {
  private static final int LIMIT = 1 << 20;

  private ArchiveFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(
        FuzzTarget.of("archive-index", CorruptArchiveException.class, ArchiveFuzz::index),
        FuzzTarget.of("member", CorruptArchiveException.class, ArchiveFuzz::chunk),
        FuzzTarget.of("image-config", CorruptArchiveException.class, ArchiveFuzz::config),
        FuzzTarget.of("entry-names", CorruptArchiveException.class, ArchiveFuzz::entryNames));
  }

  private static void index(byte[] input) throws CorruptArchiveException {
    ArchiveIndex index = ArchiveIndex.parse(Json.parse(input, "the index"));
    require(index.layers().size() <= FormatLimits.MAX_LAYERS, "too many layers");
    require(index.size() > 0 && index.rawSize() >= 0, "sizes that overflow");
    require(index.between().size() == index.layers().size(), "a gap is missing");
    require(
        FetchRange.of(index.layers()).stream().allMatch(run -> run.length() > 0), "an empty range");
    require(ArchiveIndex.parse(index.toJson()).equals(index), "written, it is another");
    List<Chunk> chunks = new ArrayList<>();
    index.layers().forEach(layer -> chunks.addAll(layer.chunks()));
    require(chunks.stream().allMatch(m -> m.end() <= index.size()), "a member beyond the end");
    require(index.length(Set.copyOf(index.diffIds())) < index.size(), "more layers than bytes");
  }

  private static void chunk(byte[] input) throws CorruptArchiveException {
    int rawLength = ChunkCodec.statedRawLength(input, LIMIT);
    require(rawLength <= LIMIT, "more than the limit");
    byte[] raw = ChunkCodec.decompress(input, 0, input.length, rawLength);
    require(raw.length == rawLength, "another length than stated");
  }

  private static void config(byte[] input) throws CorruptArchiveException {
    ImageSettings.parse(input);
    ImageConfig config = ImageConfig.parse(input);
    require(config.diffIds().size() <= FormatLimits.MAX_LAYERS, "too many layers");
  }

  /** Up to the first line break a name, after it a link's target. */
  private static void entryNames(byte[] input) throws CorruptArchiveException {
    String text = new String(input, java.nio.charset.StandardCharsets.UTF_8);
    String[] parts = text.split("\n", 2);
    requireInside(EntryName.of(parts[0], "x.tar"));
    if (parts.length == 2) {
      requireInside(EntryName.ofLink(EntryName.of(parts[0], "x.tar"), parts[1], "x.tar"));
    }
  }

  private static void requireInside(String name) {
    require(!name.isEmpty() && !name.startsWith("/"), "a name that is no relative path");
    require(!List.of(name.split("/", -1)).contains(".."), "a name that leads up: " + name);
  }
}
