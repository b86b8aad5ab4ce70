package dev.s3dock.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads JSON5 (json5.org) into its single values, each with its line. Of JSON5, hexadecimal numbers
 * and line breaks inside strings are not understood.
 */
final class Json5 {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .enable(JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS)
          .enable(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
          .enable(JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS)
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).build())
          .build();

  private Json5() {}

  /** What a value is; a number or a boolean is {@link #OTHER}. */
  enum Kind {
    OBJECT,
    LIST,
    TEXT,
    OTHER
  }

  /**
   * One value of the file, or the beginning of an object, whose value is empty. Lists hold texts,
   * numbers and booleans alone.
   *
   * @param path names from the root down
   * @param value as text; empty for an object or a list
   * @param items of a list, as text
   * @param line counted from 1
   */
  record Value(List<String> path, String value, List<String> items, Kind kind, int line) {
    String key() {
      return String.join(".", path);
    }

    /** True for a text, a number or a boolean. */
    boolean isSingle() {
      return kind == Kind.TEXT || kind == Kind.OTHER;
    }
  }

  static List<Value> parse(Path file, String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ConfigException(file + " must hold one JSON5 object: { … }");
      }
      List<Value> values = new ArrayList<>();
      Deque<String> path = new ArrayDeque<>();
      readObject(file, parser, path, values);
      if (parser.nextToken() != null) {
        throw at(file, parser.currentTokenLocation().getLineNr(), "text after the closing brace");
      }
      return values;
    } catch (JsonProcessingException e) {
      throw at(
          file,
          e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
          Printable.of(FailureWords.of(e.getOriginalMessage())));
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + ": " + FailureWords.of(e));
    }
  }

  private static void readObject(
      Path file, JsonParser parser, Deque<String> path, List<Value> values) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      path.addLast(parser.currentName());
      JsonToken token = parser.nextToken();
      int line = parser.currentTokenLocation().getLineNr();
      switch (token) {
        case START_OBJECT -> {
          values.add(new Value(List.copyOf(path), "", List.of(), Kind.OBJECT, line));
          readObject(file, parser, path, values);
        }
        case START_ARRAY ->
            values.add(
                new Value(List.copyOf(path), "", items(file, parser, path), Kind.LIST, line));
        case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
            values.add(
                new Value(
                    List.copyOf(path),
                    parser.getText(),
                    List.of(),
                    token == JsonToken.VALUE_STRING ? Kind.TEXT : Kind.OTHER,
                    line));
        case VALUE_NULL -> {}
        default ->
            throw at(file, line, "'" + Printable.of(String.join(".", path)) + "' has no value");
      }
      path.removeLast();
    }
  }

  private static List<String> items(Path file, JsonParser parser, Deque<String> path)
      throws IOException {
    List<String> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!parser.currentToken().isScalarValue() || parser.currentToken() == JsonToken.VALUE_NULL) {
        throw at(
            file,
            parser.currentTokenLocation().getLineNr(),
            "the list '%s' may hold only texts and numbers"
                .formatted(Printable.of(String.join(".", path))));
      }
      items.add(parser.getText());
    }
    return items;
  }

  static ConfigException at(Path file, int line, String what) {
    return new ConfigException("%s, line %d: %s".formatted(file, line, what));
  }
}
