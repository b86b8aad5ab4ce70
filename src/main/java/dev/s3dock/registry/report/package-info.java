/** What hosts report to be live on them, and what their agents say. */
@NullMarked
package dev.s3dock.registry.report;

import org.jspecify.annotations.NullMarked;
