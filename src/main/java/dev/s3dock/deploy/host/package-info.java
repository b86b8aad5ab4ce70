/** What a deployment needs of this host itself: child processes, and files that survive a crash. */
@NullMarked
package dev.s3dock.deploy.host;

import org.jspecify.annotations.NullMarked;
