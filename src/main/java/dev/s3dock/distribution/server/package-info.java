/** The distribution protocol over HTTP, by Jetty. */
@NullMarked
package dev.s3dock.distribution.server;

import org.jspecify.annotations.NullMarked;
