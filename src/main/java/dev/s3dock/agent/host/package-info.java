/** What an agent tells the host that runs it. */
@NullMarked
package dev.s3dock.agent.host;

import org.jspecify.annotations.NullMarked;
