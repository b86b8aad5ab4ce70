package dev.s3dock.store.s3;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A listing that asks for the next page when the last one has been read. */
final class S3Listing {
  private final S3Calls calls;
  private final int pageSize;

  S3Listing(S3Calls calls, int pageSize) {
    this.calls = calls;
    this.pageSize = pageSize;
  }

  /** Objects below a prefix; keys that are none of ours are left out. */
  Stream<ObjectStat> objects(String prefix) {
    return pages(prefix, false, ListObjectsV2Response::contents)
        .filter(object -> ObjectKey.isValid(object.key()) && object.eTag() != null)
        .map(
            object ->
                new ObjectStat(
                    new ObjectKey(object.key()),
                    size(object),
                    new ETag(object.eTag()),
                    object.lastModified()));
  }

  private static long size(S3Object object) {
    return Objects.requireNonNullElse(object.size(), 0L);
  }

  /** Names directly below a prefix that have objects below them. */
  Stream<String> folders(String prefix) {
    return pages(prefix, true, ListObjectsV2Response::commonPrefixes)
        .map(CommonPrefix::prefix)
        .filter(folder -> folder.startsWith(prefix) && folder.endsWith("/"))
        .filter(folder -> ObjectKey.isValid(folder.substring(0, folder.length() - 1)))
        .map(folder -> folder.substring(prefix.length(), folder.length() - 1));
  }

  private <T> Stream<T> pages(
      String prefix, boolean folders, Function<ListObjectsV2Response, List<T>> content) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(
            new Pages<>(prefix, folders, content), Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  /** Not a flatMap of pages: its iterator would hold all that one of its elements gives. */
  private final class Pages<T> implements Iterator<T> {
    private final String prefix;
    private final boolean folders;
    private final Function<ListObjectsV2Response, List<T>> content;
    private Iterator<T> page = Collections.emptyIterator();
    private @Nullable String token;
    private boolean more = true;

    Pages(String prefix, boolean folders, Function<ListObjectsV2Response, List<T>> content) {
      this.prefix = prefix;
      this.folders = folders;
      this.content = content;
    }

    @Override
    public boolean hasNext() {
      while (!page.hasNext() && more) {
        ListObjectsV2Response response = page(prefix, folders, token);
        token = response.nextContinuationToken();
        more = Boolean.TRUE.equals(response.isTruncated()) && token != null;
        page = content.apply(response).iterator();
      }
      return page.hasNext();
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return page.next();
    }
  }

  private ListObjectsV2Response page(String prefix, boolean folders, @Nullable String token) {
    ListObjectsV2Request.Builder request =
        ListObjectsV2Request.builder()
            .bucket(calls.bucket())
            .prefix(prefix)
            .maxKeys(pageSize)
            // XML cannot carry every character of a key; the SDK decodes
            .encodingType(EncodingType.URL);
    if (folders) {
      request.delimiter("/");
    }
    if (token != null) {
      request.continuationToken(token);
    }
    return calls.quick(
        "list " + prefix, "s3:ListBucket", client -> client.listObjectsV2(request.build()));
  }
}
