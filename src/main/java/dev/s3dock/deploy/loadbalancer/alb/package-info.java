/**
 * A target group of an AWS Application or Network Load Balancer ({@code docs/traffic-alb.md}), by
 * the API of Elastic Load Balancing, version 2015-12-01.
 */
@NullMarked
package dev.s3dock.deploy.loadbalancer.alb;

import org.jspecify.annotations.NullMarked;
