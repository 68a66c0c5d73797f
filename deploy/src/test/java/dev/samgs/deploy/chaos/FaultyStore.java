package dev.samgs.deploy.chaos;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;

/**
 * The local file system under the scheme {@code faulty}, whose directories fail on demand: {@code
 * faulty:///var/checkpoints} is {@code /var/checkpoints} until a mark lies in it or above. Marks
 * are files, so that every process that uses the store sees them:
 *
 * <ul>
 *   <li>{@value #FULL}: whatever is written fails as on a full disk;
 *   <li>{@value #HELD}: whatever is created waits until the mark is gone; a mark that is not empty
 *       holds a regular expression, and only files of such a path wait. A file that waits is
 *       announced by an empty one beside it, whose name ends in {@value #WAITING}.
 * </ul>
 *
 * <p>Reading and deleting always work.
 */
public final class FaultyStore extends LocalFileSystem {
  /** Name of the mark of a full store. */
  public static final String FULL = ".store-full";

  /** Name of the mark of a store that keeps its writers waiting. */
  public static final String HELD = ".store-held";

  /** How the name of an announcement ends. */
  public static final String WAITING = ".waiting";

  private static final String SCHEME = "faulty";
  private static final URI ROOT = URI.create(SCHEME + ":///");
  private static final long LOOK_AGAIN_MILLIS = 5;

  /** How Flink finds it. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public FileSystem create(URI uri) {
      return new FaultyStore();
    }
  }

  /** A directory of the local disk as a faulty store. */
  public static String uri(java.nio.file.Path directory) {
    return SCHEME + "://" + directory.toAbsolutePath();
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  /** None: it would go past {@link #create}. */
  @Override
  public LocalRecoverableWriter createRecoverableWriter() {
    throw new UnsupportedOperationException("a faulty store has no recoverable writers");
  }

  @Override
  public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
    awaitRelease(path);
    refuseIfFull(path);
    return new Faulty(super.create(path, mode), path);
  }

  private void awaitRelease(Path path) throws IOException {
    if (!isHeld(path)) {
      return;
    }
    File announcement = pathToFile(path.suffix(WAITING));
    Files.createDirectories(announcement.getParentFile().toPath());
    Files.createFile(announcement.toPath());
    try {
      while (isHeld(path)) {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + path + " was held back");
    } finally {
      Files.deleteIfExists(announcement.toPath());
    }
  }

  private boolean isHeld(Path path) throws IOException {
    File mark = mark(path, HELD);
    if (mark == null) {
      return false;
    }
    String paths;
    try {
      paths = Files.readString(mark.toPath(), StandardCharsets.UTF_8).strip();
    } catch (java.nio.file.NoSuchFileException e) {
      return false;
    }
    return paths.isEmpty() || Pattern.matches(paths, path.getPath());
  }

  private void refuseIfFull(Path path) throws IOException {
    if (mark(path, FULL) != null) {
      throw new IOException(path + ": No space left on device");
    }
  }

  private File mark(Path path, String name) {
    for (File at = pathToFile(path).getParentFile(); at != null; at = at.getParentFile()) {
      File mark = new File(at, name);
      if (mark.exists()) {
        return mark;
      }
    }
    return null;
  }

  /** A disk can fill up while a file is written. */
  private final class Faulty extends FSDataOutputStream {
    private final FSDataOutputStream out;
    private final Path path;

    Faulty(FSDataOutputStream out, Path path) {
      this.out = out;
      this.path = path;
    }

    @Override
    public void write(int value) throws IOException {
      refuseIfFull(path);
      out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      refuseIfFull(path);
      out.write(bytes, offset, length);
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos();
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void sync() throws IOException {
      refuseIfFull(path);
      out.sync();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
