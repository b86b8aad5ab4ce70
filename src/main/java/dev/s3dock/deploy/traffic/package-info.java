/**
 * Load balancers that a deployment can direct: HAProxy, nginx, Caddy, and a command of the user's
 * for any other. See {@code docs/adr/0026-traffic-drivers.md}.
 */
@NullMarked
package dev.s3dock.deploy.traffic;

import org.jspecify.annotations.NullMarked;
