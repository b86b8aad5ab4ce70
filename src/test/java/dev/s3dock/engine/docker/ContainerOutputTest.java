package dev.s3dock.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerOutputTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  @Test
  void frames_of_two_streams_become_lines_where_each_has_ended() throws IOException {
    frame(1, "a");
    frame(2, "x");
    frame(1, "b\nc\n");
    frame(2, "\n");
    frame(1, "");
    frame(2, "no end");
    assertThat(lines(10, 1000)).containsExactly("ab", "c", "x", "no end");
  }

  @Test
  void a_character_in_two_frames_is_one() throws IOException {
    byte[] character = "é".getBytes(UTF_8);
    frame(1, Arrays.copyOf(character, 1));
    frame(1, Arrays.copyOfRange(character, 1, 2));
    assertThat(lines(10, 1000)).containsExactly("é");
  }

  @Test
  void the_last_lines_are_kept_and_no_more_bytes_than_allowed() throws IOException {
    frame(1, "1111\n2222\n3333\n" + "4".repeat(100) + "\n55\n6");
    assertThat(lines(2, 1000)).containsExactly("55", "6");
    assertThat(lines(10, 10)).containsExactly("55", "6");
  }

  @Test
  void a_frame_that_is_cut_off_ends_it() throws IOException {
    frame(1, "whole\n");
    frame(1, "part of it");
    byte[] cut = Arrays.copyOf(sent.toByteArray(), sent.size() - 3);
    sent.reset();
    sent.write(cut);
    assertThat(lines(10, 1000)).containsExactly("whole", "part of");
    sent.write(new byte[] {1, 0, 0});
    assertThat(lines(10, 1000)).hasSize(2);
  }

  @Test
  void what_a_terminal_got_has_no_frames() throws IOException {
    sent.writeBytes("one\r\ntwo".getBytes(UTF_8));
    LastLines lines = new LastLines(10, 1000);
    OutputFrames.read(new ByteArrayInputStream(sent.toByteArray()), true, lines);
    assertThat(lines.lines()).containsExactly("one\r", "two");
  }

  private List<String> lines(int most, int mostBytes) throws IOException {
    LastLines lines = new LastLines(most, mostBytes);
    OutputFrames.read(new ByteArrayInputStream(sent.toByteArray()), false, lines);
    return lines.lines();
  }

  private void frame(int stream, String text) {
    frame(stream, text.getBytes(UTF_8));
  }

  private void frame(int stream, byte[] bytes) {
    sent.writeBytes(ByteBuffer.allocate(8).put((byte) stream).putInt(4, bytes.length).array());
    sent.writeBytes(bytes);
  }
}
