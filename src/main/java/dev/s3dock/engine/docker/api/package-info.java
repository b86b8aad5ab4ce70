/**
 * Requests to Docker's API: where the engine listens, deadlines, and the one place where its errors
 * become ours.
 */
@NullMarked
package dev.s3dock.engine.docker.api;

import org.jspecify.annotations.NullMarked;
