/** A registry on 127.0.0.1 for this machine's own engine, which pushes to it or pulls from it. */
@NullMarked
package dev.s3dock.transfer.loopback;

import org.jspecify.annotations.NullMarked;
