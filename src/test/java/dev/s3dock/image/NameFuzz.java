package dev.s3dock.image;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.testing.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/** Names as users and objects write them. */
public final class NameFuzz {
  private static final List<Function<String, ?>> TYPES =
      List.of(
          AppName::new,
          Version::new,
          Environment::new,
          CommitStamp::new,
          Platform::parse,
          Digest::parse,
          ImageReference::parse);

  private NameFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(FuzzTarget.of("names", InvalidNameException.class, NameFuzz::names));
  }

  /** The first byte chooses the type. */
  private static void names(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String text = new String(input, 1, input.length - 1, StandardCharsets.UTF_8);
    Function<String, ?> type = TYPES.get(Math.floorMod(input[0] - '0', TYPES.size()));
    Object value = type.apply(text);
    String shown = value.toString();
    require(!List.of(shown.split("/", -1)).contains(".."), "a name that leads elsewhere: " + shown);
    require(shown.chars().noneMatch(Character::isISOControl), "a name with control characters");
    require(type.apply(shown).equals(value), "read again, it is another: " + shown);
  }
}
