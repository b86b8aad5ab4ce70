/**
 * The port to a load balancer, and what its drivers share. See {@code
 * docs/adr/0026-traffic-drivers.md}.
 */
@NullMarked
package dev.s3dock.deploy.loadbalancer;

import org.jspecify.annotations.NullMarked;
