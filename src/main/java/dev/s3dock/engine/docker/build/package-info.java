/** Builds: the context that is sent, and the two builders, BuildKit and the classic one. */
@NullMarked
package dev.s3dock.engine.docker.build;

import org.jspecify.annotations.NullMarked;
