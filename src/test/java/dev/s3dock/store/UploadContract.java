package dev.s3dock.store;

import static dev.s3dock.store.SmallObjectContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Large objects, written in parts. */
public interface UploadContract extends StoreUnderTest {
  ObjectKey LARGE = new ObjectKey("images/my-app/202507/large.tar.gz");
  ObjectKey NEVER_WRITTEN = new ObjectKey("images/my-app/202507/never-written.tar.gz");
  int PART = MultipartUpload.MIN_PART_BYTES;

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) seed);
    return bytes;
  }

  private static void send(MultipartUpload upload, int number, int seed, int length) {
    upload.uploadPart(number, bytes(seed, length), 0, length);
  }

  /** The object as runs of equal bytes, such as {@code 1x5 2x3}. */
  private String runs() throws IOException {
    ObjectStat stat = store().head(LARGE).orElseThrow();
    StringBuilder runs = new StringBuilder();
    try (InputStream in = store().read(LARGE, new ByteRange(0, stat.size()), stat.etag())) {
      byte[] all = in.readAllBytes();
      int start = 0;
      for (int i = 1; i <= all.length; i++) {
        if (i == all.length || all[i] != all[start]) {
          runs.append(all[start]).append('x').append(i - start).append(' ');
          start = i;
        }
      }
    }
    return runs.toString().strip();
  }

  @Test
  default void partsMakeTheObjectInTheOrderOfTheirNumbers() throws IOException {
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 3, 3, 10);
      send(upload, 2, 2, PART);
      send(upload, 1, 1, PART);
      ETag etag = upload.complete();

      assertThat(store().head(LARGE).orElseThrow().etag()).isEqualTo(etag);
    }
    assertThat(runs()).isEqualTo("1x" + PART + " 2x" + PART + " 3x10");
  }

  @Test
  default void partsOfDifferentSizesAndGapsInTheNumbersAreFine() throws IOException {
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 2, 2, PART);
      send(upload, 5, 5, PART + 7);
      send(upload, 9, 9, 1);
      upload.complete();
    }
    assertThat(runs()).isEqualTo("2x" + PART + " 5x" + (PART + 7) + " 9x1");
  }

  @Test
  default void partsThatAreDiscardedAreNoneOfTheObjects() throws IOException {
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 1, 1, PART);
      send(upload, 2, 2, PART);
      send(upload, 4, 4, PART);
      send(upload, 7, 7, 3);
      upload.discard(2);
      upload.discard(5);
      if (!store().leavesPartsOut()) {
        assertFails(Kind.FAILED, upload::complete);
        assertThat(store().head(LARGE)).isEmpty();
        return;
      }
      ETag etag = upload.complete();

      assertThat(store().head(LARGE).orElseThrow().etag()).isEqualTo(etag);
    }
    assertThat(runs()).isEqualTo("1x" + PART + " 4x" + PART + " 7x3");
  }

  @Test
  default void aPartIsTakenFromTheMiddleOfABuffer() throws IOException {
    byte[] buffer = new byte[100];
    Arrays.fill(buffer, 10, 30, (byte) 7);
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      upload.uploadPart(1, buffer, 10, 20);
      Arrays.fill(buffer, (byte) 9);
      upload.complete();
    }
    assertThat(runs()).isEqualTo("7x20");
  }

  @Test
  default void partsAreUploadedAtOnce() throws Exception {
    try (MultipartUpload upload = store().startUpload(LARGE);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> sent = new ArrayList<>();
      for (int number = 1; number <= 6; number++) {
        int part = number;
        sent.add(threads.submit(() -> send(upload, part, part, part == 6 ? 100 : PART)));
      }
      for (Future<?> one : sent) {
        one.get();
      }
      upload.complete();
    }
    assertThat(runs()).isEqualTo("1x%1$d 2x%1$d 3x%1$d 4x%1$d 5x%1$d 6x100".formatted(PART));
  }

  @Test
  default void aSecondUploadOfAPartReplacesTheFirst() throws IOException {
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 1, 1, PART);
      send(upload, 2, 2, 30);
      send(upload, 1, 4, PART + 1);
      send(upload, 2, 3, 20);
      upload.complete();
    }
    assertThat(runs()).isEqualTo("4x" + (PART + 1) + " 3x20");
  }

  @Test
  default void nothing_is_visible_before_the_end_nor_after_an_abort() {
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 1, 1, 10);
      assertThat(store().head(LARGE)).isEmpty();
      assertThat(store().list("")).isEmpty();
    }
    assertThat(store().head(LARGE)).isEmpty();
    assertThat(store().list("")).isEmpty();
  }

  @Test
  default void an_abort_leaves_the_old_object() {
    write(LARGE.value(), "old");

    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 1, 1, 10);
    }
    assertThat(contentOf(LARGE.value())).isEqualTo("old");
  }

  @Test
  default void anUploadReplacesTheObjectAndItsToken() throws IOException {
    ETag old = write(LARGE.value(), "old");

    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 1, 1, 3);
      assertThat(contentOf(LARGE.value())).isEqualTo("old");
      assertThat(upload.complete()).isNotEqualTo(old);
    }
    assertThat(runs()).isEqualTo("1x3");
  }

  @Test
  default void anUploadWithoutPartsIsAnEmptyObject() {
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      upload.complete();
    }
    assertThat(store().head(LARGE).orElseThrow().size()).isZero();
  }

  @Test
  default void closingTwiceIsFine() {
    MultipartUpload upload = store().startUpload(LARGE);
    send(upload, 1, 1, 3);
    upload.close();
    upload.close();

    assertThat(store().head(LARGE)).isEmpty();
  }

  private ObjectStat source() {
    ObjectKey key = new ObjectKey("images/my-app/202507/base 1+1.tar.gz");
    try (MultipartUpload upload = store().startUpload(key)) {
      send(upload, 1, 1, PART + 10);
      send(upload, 2, 2, 100);
      upload.complete();
    }
    return store().head(key).orElseThrow();
  }

  @Test
  default void aPartIsCopiedOutOfAnotherObject() throws IOException {
    ObjectStat source = source();
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      send(upload, 4, 4, 7);
      upload.copyPart(3, source, new ByteRange(5, PART + 50));
      send(upload, 1, 3, PART);
      ETag etag = upload.complete();

      assertThat(store().head(LARGE).orElseThrow().etag()).isEqualTo(etag);
    }
    assertThat(runs()).isEqualTo("3x%d 1x%d 2x45 4x7".formatted(PART, PART + 5));
  }

  @Test
  default void aSmallLastPartIsCopiedToo() throws IOException {
    ObjectStat source = source();
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      upload.copyPart(1, source, new ByteRange(0, PART));
      upload.copyPart(2, source, new ByteRange(source.size() - 1, 1));
      upload.complete();
    }
    assertThat(runs()).isEqualTo("1x" + PART + " 2x1");
  }

  @Test
  default void aPartIsNotCopiedOutOfAnotherState() {
    ObjectStat source = source();
    write(source.key().value(), "replaced");
    ObjectStat gone = new ObjectStat(NEVER_WRITTEN, 10, source.etag(), source.lastModified());
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      assertFails(Kind.PRECONDITION_FAILED, () -> upload.copyPart(1, source, new ByteRange(0, 10)));
      assertFails(Kind.NOT_FOUND, () -> upload.copyPart(1, gone, new ByteRange(0, 10)));
    }
    assertThat(store().head(LARGE)).isEmpty();
  }
}
