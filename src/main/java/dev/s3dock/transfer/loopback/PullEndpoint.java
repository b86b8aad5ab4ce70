package dev.s3dock.transfer.loopback;

import dev.s3dock.image.Digest;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Opened;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/** A registry on this machine's 127.0.0.1 that hands one image to an engine. */
public interface PullEndpoint {
  /** What the path of its name begins with. */
  String PREFIX = "s3dock-pull-";

  /** Listens on a free port, under a name that nobody can guess. */
  Opened open(Image image) throws IOException;

  /** What is handed out. Called by several threads at once. */
  interface Image {
    /** Digest of the manifest, which is the only one. */
    Digest manifestDigest();

    /** The manifest; somebody has asked for it. */
    byte[] manifest();

    /** In bytes; empty if the image has no such blob. */
    OptionalLong size(Digest blob);

    /**
     * A blob of the image, or the rest of it. The stream fails before its last bytes if they are
     * not right; the connection is cut then.
     *
     * @param from the first byte that is wanted, from 0
     */
    InputStream open(Digest blob, long from) throws IOException;
  }
}
