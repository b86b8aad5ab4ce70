/**
 * The agent of a host: looks at the pointers of its environments, and brings live what they lead
 * to. See {@code docs/agent.md}.
 */
@NullMarked
package dev.s3dock.agent;

import org.jspecify.annotations.NullMarked;
