/** What leaves an engine: the layers that a bucket lacks, which it pushes to this machine. */
@NullMarked
package dev.s3dock.transfer.export;

import org.jspecify.annotations.NullMarked;
