/** What users see: tables, JSON, progress, messages. */
@NullMarked
package dev.s3dock.cli.render;

import org.jspecify.annotations.NullMarked;
