/**
 * The engine that holds and runs images, as s3dock needs it: a port, and the rules of {@code
 * .dockerignore}. The adapter to Docker is {@code dev.s3dock.engine.docker}.
 */
@NullMarked
package dev.s3dock.engine;

import org.jspecify.annotations.NullMarked;
