/** Caddy, over its admin API ({@code docs/traffic-caddy.md}). */
@NullMarked
package dev.s3dock.deploy.loadbalancer.caddy;

import org.jspecify.annotations.NullMarked;
