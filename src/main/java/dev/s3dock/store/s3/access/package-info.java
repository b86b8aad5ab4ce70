/**
 * Who asks S3, and on which way: the credentials, the profile of the AWS CLI, proxy, authorities,
 * the place of the bucket in an address.
 */
@NullMarked
package dev.s3dock.store.s3.access;

import org.jspecify.annotations.NullMarked;
