package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.ProcessContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a list command shows of each row: cells of a table, fields of a JSON object, said once. Rows
 * are printed as they come.
 *
 * @param <T> what a row is made of
 */
public final class Listing<T> {
  private final String command;
  private final String array;
  private final Map<String, Object> about = new LinkedHashMap<>();
  private final List<Cell<T>> cells = new ArrayList<>();
  private final Map<String, Function<T, Object>> fields = new LinkedHashMap<>();
  private final Map<String, Supplier<Object>> totals = new LinkedHashMap<>();
  private Element<T> element = this::writeRow;
  private Runnable end = () -> {};

  /**
   * Takes the rows of a listing.
   *
   * @param flush prints what was taken and is not printed yet
   */
  public record Rows<T>(Consumer<T> each, Runnable flush) implements Consumer<T> {
    @Override
    public void accept(T row) {
      each.accept(row);
    }
  }

  /**
   * A column.
   *
   * @param text in a pipe; empty if it is shown on a terminal only
   * @param shown on a terminal
   */
  private record Cell<T>(
      TableColumn column,
      Optional<Function<T, String>> text,
      Function<T, String> shown,
      Function<T, Paint> paint) {
    Table.Cell of(T row) {
      return new Table.Cell(shown.apply(row), paint.apply(row));
    }
  }

  /** What a row is in JSON where it is not an object of fields. */
  public interface Element<T> {
    void write(T row, JsonGenerator data) throws IOException;
  }

  private Listing(String command, String array) {
    this.command = command;
    this.array = array;
  }

  /**
   * A listing without columns yet.
   *
   * @param command as the JSON envelope names it
   * @param array the field of {@code data} that holds the rows
   */
  public static <T> Listing<T> of(String command, String array) {
    return new Listing<>(command, array);
  }

  /** A field of {@code data} that stands before the rows. */
  public Listing<T> about(String field, Object value) {
    about.put(field, value);
    return this;
  }

  /** A column of the table, and of lines in a pipe. */
  public Listing<T> cell(String header, Function<T, String> text) {
    return add(header, Optional.of(text), text);
  }

  /** A column of the table that lines in a pipe do not have, and scripts do not know. */
  public Listing<T> shown(String header, Function<T, String> text) {
    return add(header, Optional.empty(), text);
  }

  /** A column of both, in which a person reads something else than a script, such as an age. */
  public Listing<T> cell(String header, Function<T, String> text, Function<T, String> shown) {
    return add(header, Optional.of(text), shown);
  }

  private Listing<T> add(
      String header, Optional<Function<T, String>> text, Function<T, String> shown) {
    cells.add(new Cell<>(new TableColumn(header, 0, false), text, shown, row -> Paint.NONE));
    return this;
  }

  /**
   * The column before this call may be left out where the window is narrow.
   *
   * @param rank above 0; the highest goes first
   */
  public Listing<T> mayGo(int rank) {
    Cell<T> last = cells.removeLast();
    TableColumn column = new TableColumn(last.column.header(), rank, last.column.wraps());
    cells.add(new Cell<>(column, last.text, last.shown, last.paint));
    return this;
  }

  /** The column before this call has text that goes on in the next line. */
  public Listing<T> wraps() {
    Cell<T> last = cells.removeLast();
    TableColumn column = new TableColumn(last.column.header(), last.column.rank(), true);
    cells.add(new Cell<>(column, last.text, last.shown, last.paint));
    return this;
  }

  /** The column before this call has colours. */
  public Listing<T> painted(Function<T, Paint> paint) {
    Cell<T> last = cells.removeLast();
    cells.add(new Cell<>(last.column, last.text, last.shown, paint));
    return this;
  }

  /**
   * A field of a row's JSON object.
   *
   * @param value a text, a whole number, a boolean, a collection of texts, or an {@link Optional}
   *     text, whose absence is {@code null}
   */
  public Listing<T> field(String name, Function<T, Object> value) {
    fields.put(name, value);
    return this;
  }

  /** A text that is a column and a field. */
  public Listing<T> column(String header, String field, Function<T, String> text) {
    return cell(header, text).field(field, text::apply);
  }

  /** What a row is in JSON, instead of an object of fields. */
  public Listing<T> element(Element<T> json) {
    element = json;
    return this;
  }

  /** A field of {@code data} that stands after the rows, a whole number. */
  public Listing<T> total(String field, Supplier<Object> value) {
    totals.put(field, value);
    return this;
  }

  /** What is done after all is printed; what it throws is the verdict. */
  public Listing<T> end(Runnable action) {
    end = action;
    return this;
  }

  /**
   * Prints the rows.
   *
   * @param rows hands each row on; what it throws ends the listing, after what came before
   */
  public void print(ProcessContext process, Output output, Consumer<Rows<T>> rows) {
    if (output.isJson()) {
      output.stream(command, data -> write(rows, data));
      return;
    }
    if (process.display().showsTables()) {
      printTable(process, rows);
    } else {
      rows.accept(new Rows<>(row -> process.out().println(line(row, process)), () -> {}));
    }
    end.run();
  }

  /** Prints JSON lines: each row's object as soon as it comes, for what has no end. */
  public void printLines(Output output, Consumer<Rows<T>> rows) {
    output.lines(
        command,
        each -> {
          rows.accept(new Rows<>(row -> each.accept(data -> element.write(row, data)), () -> {}));
          end.run();
        });
  }

  private void printTable(ProcessContext process, Consumer<Rows<T>> rows) {
    Table table = new Table(process, cells.stream().map(Cell::column).toList());
    try {
      rows.accept(
          new Rows<>(
              row -> table.row(cells.stream().map(cell -> cell.of(row)).toList()), table::end));
    } finally {
      table.end();
    }
  }

  /** For scripts: separated by tabs, without a header. */
  private String line(T row, ProcessContext process) {
    return cells.stream()
        .filter(cell -> cell.text.isPresent())
        .map(cell -> cell.paint.apply(row).onOut(cell.text.get().apply(row), process))
        .collect(Collectors.joining("\t"));
  }

  private void write(Consumer<Rows<T>> rows, JsonGenerator data) throws IOException {
    for (Map.Entry<String, Object> field : about.entrySet()) {
      data.writeFieldName(field.getKey());
      writeValue(field.getValue(), data);
    }
    data.writeArrayFieldStart(array);
    rows.accept(
        new Rows<>(
            row -> JsonRows.write(() -> element.write(row, data)),
            () -> JsonRows.write(data::flush)));
    data.writeEndArray();
    for (Map.Entry<String, Supplier<Object>> field : totals.entrySet()) {
      data.writeFieldName(field.getKey());
      writeValue(field.getValue().get(), data);
    }
    end.run();
  }

  private void writeRow(T row, JsonGenerator data) throws IOException {
    List<Object> values = new ArrayList<>();
    fields
        .values()
        .forEach(field -> values.add(field.apply(row))); // first, so that no half row is written
    data.writeStartObject();
    int next = 0;
    for (String name : fields.keySet()) {
      data.writeFieldName(name);
      writeValue(values.get(next++), data);
    }
    data.writeEndObject();
  }

  private static void writeValue(Object value, JsonGenerator data) throws IOException {
    switch (value) {
      case Boolean truth -> data.writeBoolean(truth);
      case Number number -> data.writeNumber(number.longValue());
      case Optional<?> absent when absent.isEmpty() -> data.writeNull();
      case Optional<?> present -> writeValue(present.get(), data);
      case Collection<?> items -> {
        data.writeStartArray();
        for (Object item : items) {
          writeValue(item, data);
        }
        data.writeEndArray();
      }
      case Map<?, ?> map -> throw new IllegalArgumentException("not a value of a field: " + map);
      default -> data.writeString(value.toString());
    }
  }
}
