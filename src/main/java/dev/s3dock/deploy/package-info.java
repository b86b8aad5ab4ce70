/**
 * Blue-green deployment: brings an environment's image live on this host without a lost request,
 * takes it back, and tells what runs. See {@code docs/deploy.md}.
 */
@NullMarked
package dev.s3dock.deploy;

import org.jspecify.annotations.NullMarked;
