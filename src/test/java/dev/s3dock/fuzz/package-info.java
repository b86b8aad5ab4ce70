/** Bad input for every parser: what is run by {@code scripts/fuzz} and by CorpusTest. */
@NullMarked
package dev.s3dock.fuzz;

import org.jspecify.annotations.NullMarked;
