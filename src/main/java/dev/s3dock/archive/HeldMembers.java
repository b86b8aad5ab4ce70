package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Members of archives that are stored already, found by what they hold. A member with the same raw
 * bytes and the same compressed length, made by the same compressor, is the same member.
 */
public final class HeldMembers {
  /**
   * Where stored bytes are.
   *
   * @param archive number of the archive in the list given to {@link #of}
   * @param offset in that archive
   */
  public record Place(int archive, long offset) {}

  private record Content(Digest digest, int length) {}

  private final Map<Content, Place> anywhere = new HashMap<>();
  private final Map<Place, Content> byPlace = new HashMap<>();

  private HeldMembers() {}

  /** The members of these archives; of two places, the one in the earlier archive counts. */
  public static HeldMembers of(List<ArchiveIndex> archives) {
    HeldMembers held = new HeldMembers();
    for (int i = 0; i < archives.size(); i++) {
      int archive = i;
      ArchiveIndex index = archives.get(i);
      index.between().forEach(member -> held.add(archive, member));
      index.layers().forEach(layer -> layer.members().forEach(m -> held.add(archive, m)));
    }
    return held;
  }

  private void add(int archive, Member member) {
    Content content = new Content(member.digest(), member.length());
    Place place = new Place(archive, member.offset());
    anywhere.putIfAbsent(content, place);
    byPlace.put(place, content);
  }

  /**
   * Finds a member.
   *
   * @param preferred where it would best be, since what comes before it ends there
   */
  Optional<Place> find(Digest digest, int length, Optional<Place> preferred) {
    Content content = new Content(digest, length);
    if (preferred.isPresent() && content.equals(byPlace.get(preferred.get()))) {
      return preferred;
    }
    return Optional.ofNullable(anywhere.get(content));
  }

  /** Collects a new archive's bytes as runs that lie side by side. */
  static final class Runs {
    private final HeldMembers held;
    private final List<Piece> pieces = new ArrayList<>();

    Runs(HeldMembers held) {
      this.held = held;
    }

    /** The bytes before everything else, which are those of the first archive. */
    void beginning(long length) {
      if (length > 0) {
        pieces.add(new Piece(length, Optional.of(new Place(0, 0)), false));
      }
    }

    void add(Digest digest, int length) {
      Optional<Place> next = pieces.isEmpty() ? Optional.empty() : pieces.getLast().next();
      append(new Piece(length, held.find(digest, length, next), true));
    }

    void addNew(int length) {
      append(new Piece(length, Optional.empty(), true));
    }

    private void append(Piece piece) {
      if (!pieces.isEmpty() && pieces.getLast().isFollowedBy(piece)) {
        Piece last = pieces.removeLast();
        pieces.add(new Piece(last.length() + piece.length(), last.held(), true));
      } else {
        pieces.add(piece);
      }
    }

    List<Piece> pieces() {
      return List.copyOf(pieces);
    }
  }
}
