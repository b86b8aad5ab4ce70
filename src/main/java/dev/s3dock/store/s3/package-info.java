/**
 * Objects in Amazon S3 and in stores that speak its protocol, through the AWS SDK for Java v2; see
 * {@code docs/stores.md} and {@code docs/adr/0005-aws-sdk-url-connection.md}.
 */
@NullMarked
package dev.s3dock.store.s3;

import org.jspecify.annotations.NullMarked;
