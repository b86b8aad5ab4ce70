/**
 * HTTP requests over Unix sockets, named pipes and TCP, with or without TLS: Apache HttpClient, and
 * what it lacks.
 */
@NullMarked
package dev.s3dock.http;

import org.jspecify.annotations.NullMarked;
