package dev.s3dock.transfer;

import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.source.ImageSummary;
import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EngineInfo;
import dev.s3dock.engine.EnginePush;
import dev.s3dock.engine.PullWatch;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Platform;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** An engine that holds one image, as {@code docker save} gives it, and can hand it out. */
public class SavedEngine implements Engine {
  private final String name;
  private final byte[] saved;
  private final EngineImage image;
  private UnaryOperator<InputStream> exporting = stream -> stream;
  private int exports;

  public SavedEngine(String name, byte[] saved) {
    this(name, saved, saved);
  }

  /** What it shows is another image than what it hands out. */
  public SavedEngine(String name, byte[] shown, byte[] saved) {
    this.name = name;
    this.saved = saved;
    try {
      ImageSummary summary =
          ImageScanner.scan(ImageSource.ofStream(new ByteArrayInputStream(shown), name));
      this.image =
          new EngineImage(
              summary.imageId().toString(),
              List.of(name),
              summary.platform(),
              summary.diffIds(),
              Instant.EPOCH,
              Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SavedEngine(String name, byte[] saved, EngineImage image) {
    this.name = name;
    this.saved = saved;
    this.image = image;
  }

  /** The same engine, with an ID that does not tell the image config. */
  public SavedEngine withId(String id) {
    return new SavedEngine(
        name,
        saved,
        new EngineImage(
            id,
            image.references(),
            image.platform(),
            image.diffIds(),
            image.created(),
            image.labels()));
  }

  /** The same engine, whose exports are read through something. */
  public SavedEngine exporting(UnaryOperator<InputStream> through) {
    SavedEngine engine = new SavedEngine(name, saved, image);
    engine.exporting = through;
    return engine;
  }

  /** How often the image was handed out. */
  public int exports() {
    return exports;
  }

  @Override
  public Optional<EngineImage> inspect(String reference) {
    return Optional.of(image).filter(held -> reference.equals(name));
  }

  @Override
  public boolean handsOutLayers() {
    return false;
  }

  @Override
  public EnginePush push(String reference) {
    throw new UnsupportedOperationException(reference);
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public void pull(String reference, Platform platform, PullWatch watch) {
    throw new UnsupportedOperationException(reference);
  }

  @Override
  public InputStream export(String reference) {
    exports++;
    return exporting.apply(new ByteArrayInputStream(saved));
  }

  @Override
  public EngineInfo info() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long layerBytes(String reference) {
    return -1;
  }

  @Override
  public void load(InputStream tar, ByteProgress progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void tag(String imageId, String reference) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void removeTag(String reference) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<EngineImage> images(AppName app) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<EngineImage> images(AppName first, int most) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isWhole(String reference) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<String> references(String reference) {
    throw new UnsupportedOperationException(reference);
  }

  @Override
  public Set<String> references() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<String> imageIdsInUse() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String build(BuildRequest request, OutputStream progress, ByteProgress sent) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
