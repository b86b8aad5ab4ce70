/**
 * A registry on 127.0.0.1 for this machine's own engine: it takes what the engine pushes, or has
 * what it pulls. What is served to others is in {@code distribution.server}.
 */
@NullMarked
package dev.s3dock.distribution.loopback;

import org.jspecify.annotations.NullMarked;
