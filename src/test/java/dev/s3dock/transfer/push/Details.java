package dev.s3dock.transfer.push;

import dev.s3dock.transfer.TransferProgress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what is told in detail. */
public final class Details implements TransferProgress {
  private final List<String> told = new CopyOnWriteArrayList<>();

  @Override
  public Step begin(String name, long totalBytes) {
    return bytes -> {};
  }

  @Override
  public void detail(String text) {
    told.add(text);
  }

  public List<String> told() {
    return told;
  }
}
