/** HAProxy, over its Runtime API ({@code docs/traffic-haproxy.md}). */
@NullMarked
package dev.s3dock.deploy.loadbalancer.haproxy;

import org.jspecify.annotations.NullMarked;
