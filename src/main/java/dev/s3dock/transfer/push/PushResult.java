package dev.s3dock.transfer.push;

import dev.s3dock.registry.audit.PushEvent;

/**
 * What a push did.
 *
 * @param event as it was audited
 * @param bytesSent of the archive, compressed; those of its metadata do not count
 * @param bytesReused of the archive: the store had them already
 */
public record PushResult(PushEvent event, long bytesSent, long bytesReused) {}
