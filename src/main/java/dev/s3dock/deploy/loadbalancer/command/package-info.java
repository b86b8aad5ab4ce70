/** Any load balancer, through a command of the user's ({@code docs/traffic-command.md}). */
@NullMarked
package dev.s3dock.deploy.loadbalancer.command;

import org.jspecify.annotations.NullMarked;
