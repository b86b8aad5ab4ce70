package dev.s3dock.transfer.push;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Published;
import java.util.List;

/**
 * An image that an engine is going to hand out.
 *
 * @param name what the engine calls it
 * @param platforms what is published of the commit
 * @param reuse what the bucket has of it
 * @param bytes about how many there will be, uncompressed; -1 if that is not known
 * @param byLayers true if the engine hands out single layers, and that takes less than a save
 */
record EngineExport(
    ImageReference reference,
    Engine engine,
    String name,
    EngineImage held,
    List<Published> platforms,
    ReuseSources reuse,
    long bytes,
    boolean byLayers) {}
