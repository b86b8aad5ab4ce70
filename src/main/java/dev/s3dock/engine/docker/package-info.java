/**
 * The adapter of the engine port to Docker: its HTTP API (docs.docker.com/reference/api/engine)
 * over the transport of docker-java, and the {@code docker} program where it has BuildKit.
 */
@NullMarked
package dev.s3dock.engine.docker;

import org.jspecify.annotations.NullMarked;
