/** Certificates and private keys in PEM form (RFC 7468). */
@NullMarked
package dev.s3dock.pem;

import org.jspecify.annotations.NullMarked;
