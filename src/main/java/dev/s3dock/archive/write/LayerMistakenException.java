package dev.s3dock.archive.write;

import dev.s3dock.archive.LeadingLayers;
import java.io.IOException;

/**
 * The image is not the one that its {@link LeadingLayers} were taken for: a layer began like one of
 * them and went on otherwise, or it has other layers by now. Bytes that are needed are gone by, so
 * the source must be read again, with {@link LeadingLayers#NONE}.
 */
public final class LayerMistakenException extends IOException {
  private static final long serialVersionUID = 1L;

  LayerMistakenException(String message) {
    super(message);
  }
}
