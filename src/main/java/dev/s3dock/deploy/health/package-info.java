/**
 * Whether containers are fit to serve, and whether requests reach them: asked themselves, and
 * through the load balancer.
 */
@NullMarked
package dev.s3dock.deploy.health;

import org.jspecify.annotations.NullMarked;
