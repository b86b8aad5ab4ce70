package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import org.jspecify.annotations.Nullable;

/**
 * JSON that is safe to look at: besides what JSON itself wants escaped, DEL, the controls of C1
 * (where U+009B begins a command to a terminal) and the invisible characters that turn the
 * direction of text.
 */
final class TerminalEscapes extends CharacterEscapes {
  private static final long serialVersionUID = 1L;

  @Override
  public int[] getEscapeCodesForAscii() {
    int[] escapes = standardAsciiEscapesForJSON();
    escapes[0x7f] = ESCAPE_STANDARD;
    return escapes;
  }

  @Override
  public @Nullable SerializableString getEscapeSequence(int c) {
    int type = Character.getType(c);
    boolean unsafe =
        Character.isISOControl(c)
            || type == Character.FORMAT
            || type == Character.LINE_SEPARATOR
            || type == Character.PARAGRAPH_SEPARATOR;
    return unsafe ? new SerializedString("\\u%04x".formatted(c)) : null;
  }
}
