/** nginx, by a generated file and a reload ({@code docs/traffic-nginx.md}). */
@NullMarked
package dev.s3dock.deploy.loadbalancer.nginx;

import org.jspecify.annotations.NullMarked;
