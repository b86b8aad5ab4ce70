package dev.s3dock.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Md5StateTest {
  @Property
  void going_on_from_a_state_gives_the_md5_of_the_whole(
      @ForAll @Size(max = 400) byte[] message, @ForAll @IntRange(min = 0) int place)
      throws NoSuchAlgorithmException {
    int split = message.length == 0 ? 0 : place % (message.length + 1);
    MD5Digest first = new MD5Digest();
    first.update(message, 0, split);
    Md5State state = Md5State.of(first);
    assertThat(state.bytes()).isEqualTo(split);
    MD5Digest second = state.resume();
    assertThat(Md5State.of(second)).isEqualTo(state);
    second.update(message, split, message.length - split);
    byte[] hash = new byte[16];
    second.doFinal(hash, 0);
    assertThat(hash).isEqualTo(MessageDigest.getInstance("MD5").digest(message));
  }

  @Test
  void published_vector() {
    MD5Digest md5 = new MD5Digest();
    assertThat(Md5State.of(md5).abcd()).isEqualTo("0123456789abcdeffedcba9876543210");
    byte[] message = "s3dock".repeat(11).getBytes(StandardCharsets.US_ASCII);
    md5.update(message, 0, message.length);
    assertThat(Md5State.of(md5))
        .isEqualTo(new Md5State("bdd33bdb12e641cbd5809eaa5ac74955", 66, "636b"));
  }

  @ParameterizedTest
  @CsvSource({
    "0123, 0, ''",
    "0123456789ABCDEFFEDCBA9876543210, 0, ''",
    "0123456789abcdeffedcba9876543210, 1, ''",
    "0123456789abcdeffedcba9876543210, 64, 00",
    "0123456789abcdeffedcba9876543210, -1, ''",
    "0123456789abcdeffedcba9876543210, 1, 0",
    "0123456789abcdeffedcba9876543210, 1, zz",
  })
  void parts_that_contradict_each_other_are_refused(String abcd, long bytes, String pending) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Md5State(abcd, bytes, pending));
  }
}
