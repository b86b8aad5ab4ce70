/**
 * The audit trail: events are written once and never changed; readers search, follow and summarise
 * them.
 */
@NullMarked
package dev.s3dock.registry.audit;

import org.jspecify.annotations.NullMarked;
