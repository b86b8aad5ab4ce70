/**
 * The configuration: its file in JSON5, its profiles, and what takes precedence over what. See
 * {@code docs/configuration.md}.
 */
@NullMarked
package dev.s3dock.config;

import org.jspecify.annotations.NullMarked;
