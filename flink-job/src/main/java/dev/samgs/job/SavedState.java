package dev.samgs.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * A completed checkpoint or savepoint.
 *
 * @param path of its directory
 * @param savepoint whether somebody asked for it; else a checkpoint
 * @param writtenMillis when it was completed, in milliseconds since 1970
 */
public record SavedState(String path, boolean savepoint, long writtenMillis) {
  private static final String METADATA = "_metadata";
  private static final String CHECKPOINT = "chk-";

  /**
   * The newest in a directory of checkpoints: those of all the runs that wrote there, as {@code
   * directory/run/chk-5}, and savepoints beside them, as {@code directory/savepoints/savepoint-1}.
   *
   * @param directory any that a Flink file system can read; it need not exist
   * @throws UncheckedIOException if it cannot be read
   */
  public static Optional<SavedState> newest(String directory) {
    Path root = new Path(directory);
    List<SavedState> found = new ArrayList<>();
    try {
      FileSystem files = root.getFileSystem();
      for (FileStatus run : directories(files, root)) {
        for (FileStatus candidate : directories(files, run.getPath())) {
          Path path = candidate.getPath();
          boolean savepoint = !path.getName().startsWith(CHECKPOINT);
          completed(files, path)
              .ifPresent(time -> found.add(new SavedState(path.toString(), savepoint, time)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the checkpoints in " + directory + " cannot be listed; check that it can be read", e);
    }
    return found.stream()
        .max(
            Comparator.comparingLong(SavedState::writtenMillis)
                .thenComparingLong(SavedState::number));
  }

  /** A checkpoint without its last file was never completed. */
  private static Optional<Long> completed(FileSystem files, Path path) throws IOException {
    try {
      return Optional.of(files.getFileStatus(new Path(path, METADATA)).getModificationTime());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private static List<FileStatus> directories(FileSystem files, Path path) throws IOException {
    FileStatus[] all;
    try {
      all = files.listStatus(path);
    } catch (FileNotFoundException e) {
      all = null;
    }
    List<FileStatus> directories = new ArrayList<>();
    for (FileStatus status : all == null ? new FileStatus[0] : all) {
      if (status.isDir()) {
        directories.add(status);
      }
    }
    return directories;
  }

  /** Which of its run's checkpoints it is, for those written in the same millisecond. */
  private long number() {
    String name = new Path(path).getName();
    return savepoint ? Long.MAX_VALUE : Long.parseLong(name.substring(CHECKPOINT.length()));
  }
}
