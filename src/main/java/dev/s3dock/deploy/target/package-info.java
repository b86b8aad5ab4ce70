/**
 * Targets: a program of the user's keeps a service at an orchestrator ({@code docs/targets.md}).
 */
@NullMarked
package dev.s3dock.deploy.target;

import org.jspecify.annotations.NullMarked;
