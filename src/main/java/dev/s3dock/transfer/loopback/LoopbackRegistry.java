package dev.s3dock.transfer.loopback;

import dev.s3dock.image.Digest;
import java.io.IOException;
import java.io.InputStream;

/** A registry on this machine's 127.0.0.1, for an engine that pushes one image to it. */
public interface LoopbackRegistry {
  /** What the path of its name begins with. */
  String PREFIX = "s3dock-push-";

  /** Listens on a free port, under a name that nobody can guess. */
  Opened open(Receiver receiver) throws IOException;

  /** One that listens. */
  interface Opened extends AutoCloseable {
    /** Host, port and path, such as {@code 127.0.0.1:41234/s3dock-push/6f…}. */
    String name();

    /** Listens no more, and cuts what is being sent. */
    @Override
    void close();
  }

  /** Who is sent blobs. Called by several threads at once. */
  interface Receiver {
    /** True if a blob of this digest need not be sent. */
    boolean has(Digest digest);

    /**
     * Takes a blob, or as much of it as is wanted: the sender is told that it is stored either way.
     *
     * @return told what the sender calls it, if it does
     * @throws IOException if it cannot be taken; the connection is cut
     */
    Taken take(InputStream blob) throws IOException;

    /**
     * Takes a manifest, or an index of some: what comes after all that it names.
     *
     * @throws IOException if it cannot be taken; the connection is cut
     */
    void takeManifest(byte[] manifest) throws IOException;
  }

  /** A blob that was taken. */
  interface Taken {
    /** The digest of what the sender has sent, as it says. */
    void named(Digest digest);
  }
}
