/**
 * What the bucket means: where objects lie, what their JSON says, and the rules that keep pointers,
 * versions and images consistent while many write at once.
 */
@NullMarked
package dev.s3dock.registry;

import org.jspecify.annotations.NullMarked;
