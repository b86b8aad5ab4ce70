package dev.s3dock.git;

import java.util.List;
import java.util.Map;

/**
 * The files that a commit holds below a folder, those of its submodules included.
 *
 * @param files by path relative to the folder, with {@code /}; true for one that may be executed
 * @param hidden how the work tree differs from them where {@code git status} does not tell
 */
public record CommittedFiles(Map<String, Boolean> files, List<Hidden> hidden) {
  public CommittedFiles {
    files = Map.copyOf(files);
    hidden = List.copyOf(hidden);
  }

  /**
   * A difference that {@code git status} hides.
   *
   * @param path relative to the folder
   * @param problem what is wrong with it
   * @param remedy what to do, as a command where there is one
   */
  public record Hidden(String path, String problem, String remedy) {}
}
