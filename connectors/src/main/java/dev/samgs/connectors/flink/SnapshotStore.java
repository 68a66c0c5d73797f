package dev.samgs.connectors.flink;

import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotFormatException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * The snapshot store, in a directory of any file system that Flink knows.
 *
 * <pre>
 * claims/&lt;model&gt;/&lt;version&gt;-&lt;sha256&gt;.onnx      models that are too large for the topic
 * models/&lt;model&gt;/&lt;version&gt;/model.onnx        every committed version
 * models/&lt;model&gt;/&lt;version&gt;/manifest.json     its headers
 * models/&lt;model&gt;/LATEST                        the newest committed version, as text
 * withheld/&lt;model&gt;/&lt;update&gt;-&lt;sha256&gt;.onnx     candidates that did not go out
 * withheld/&lt;model&gt;/&lt;update&gt;-&lt;sha256&gt;.json     and why
 * </pre>
 *
 * <p>Claims and withheld models are written by the job before its records are committed, so that a
 * name has the version and the checksum in it, and no clock: a replay writes identical bytes to the
 * same place. {@code models} is written by whoever follows committed records, {@link #register}.
 *
 * <p>On local file systems a file is written under another name, forced to the disk and renamed;
 * elsewhere it is a single put, which object stores show whole or not at all.
 */
public final class SnapshotStore implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String LATEST = "LATEST";
  private static final String MODEL = "model.onnx";
  private static final String MANIFEST = "manifest.json";
  private static final String ONNX = ".onnx";

  private final String root;
  private final int kept;

  /** Newest committed version by model, as far as this instance has seen. */
  private transient Map<String, Long> newest;

  /**
   * @param root the store's directory, as a URI
   * @param kept newest versions of each model that stay, and newest withheld candidates
   */
  public SnapshotStore(String root, int kept) {
    this.root = root.endsWith("/") ? root.substring(0, root.length() - 1) : root;
    this.kept = kept;
  }

  /**
   * Puts a model where a claim check can name it.
   *
   * @return the place, as a URI
   */
  public String putClaim(SnapshotRecord record) throws IOException {
    Path path = claim(record.model(), record.version(), Provenance.sha256(record.onnx()));
    write(path, record.onnx());
    return path.makeQualified(path.getFileSystem()).toUri().toString();
  }

  private Path claim(String model, long version, String sha256) {
    return new Path(root + "/claims/" + model + "/" + version + "-" + sha256 + ONNX);
  }

  /**
   * Keeps a candidate that did not go out, for inspection.
   *
   * @param explanation why, JSON
   */
  public void putWithheld(String model, long update, byte[] onnx, String explanation)
      throws IOException {
    Path directory = new Path(root + "/withheld/" + model);
    String name = update + "-" + Provenance.sha256(onnx);
    write(new Path(directory, name + ONNX), onnx);
    write(new Path(directory, name + ".json"), explanation.getBytes(StandardCharsets.UTF_8));
    TreeSet<Long> updates = new TreeSet<>(Collections.reverseOrder());
    for (FileStatus file : list(directory)) {
      updates.add(leadingNumber(file));
    }
    long oldest = updates.stream().limit(kept).reduce((a, b) -> b).orElse(0L);
    for (FileStatus file : list(directory)) {
      if (leadingNumber(file) < oldest) {
        delete(file.getPath());
      }
    }
  }

  /**
   * Takes a committed record into the registry: its model, its manifest, and the mark of the newest
   * version if it is that. Removes versions and claims that are no longer kept, and claims of
   * versions that were never committed: versions only grow, so that none below a committed one is
   * still to come.
   *
   * @throws SnapshotFormatException if the record's model is not what its checksum says
   */
  public void register(SnapshotRecord record) throws IOException {
    String model = record.model();
    byte[] onnx = record.isClaimCheck() ? fetch(record) : record.onnx();
    String sha256 = record.headers().get(SnapshotHeaders.SHA256);
    if (!Provenance.sha256(onnx).equals(sha256)) {
      throw new SnapshotFormatException(
          "version " + record.version() + " of " + model + " is not what its SHA-256 says");
    }
    Path directory = new Path(root + "/models/" + model);
    Path version = new Path(directory, Long.toString(record.version()));
    write(new Path(version, MODEL), onnx);
    write(new Path(version, MANIFEST), record.manifest(onnx.length));
    if (newest == null) {
      newest = new HashMap<>();
    }
    Long before = newest.containsKey(model) ? newest.get(model) : latest(directory);
    if (before == null || record.version() > before) {
      write(
          new Path(directory, LATEST), (record.version() + "\n").getBytes(StandardCharsets.UTF_8));
      before = record.version();
    }
    newest.put(model, before);
    prune(model, directory, before);
  }

  private static byte[] fetch(SnapshotRecord record) throws IOException {
    byte[] onnx = read(record.claimCheck().uri());
    record.claimCheck().check(onnx);
    return onnx;
  }

  private void prune(String model, Path directory, long latest) throws IOException {
    TreeSet<Long> versions = new TreeSet<>(Collections.reverseOrder());
    for (FileStatus file : list(directory)) {
      if (file.isDir()) {
        versions.add(leadingNumber(file));
      }
    }
    List<Long> all = new ArrayList<>(versions);
    for (long old : all.subList(Math.min(kept, all.size()), all.size())) {
      delete(new Path(directory, Long.toString(old)));
    }
    for (FileStatus claim : list(new Path(root + "/claims/" + model))) {
      long version = leadingNumber(claim);
      if (version <= latest && !committed(directory, version, claim.getPath().getName())) {
        delete(claim.getPath());
      }
    }
  }

  /** Whether a claim is of a version that is kept, and not of one that took its number. */
  private static boolean committed(Path directory, long version, String claim) throws IOException {
    Path manifest = new Path(new Path(directory, Long.toString(version)), MANIFEST);
    byte[] json = readIfThere(manifest);
    String sha256 = claim.substring(claim.indexOf('-') + 1, claim.length() - ONNX.length());
    return json != null && new String(json, StandardCharsets.UTF_8).contains(sha256);
  }

  private static long leadingNumber(FileStatus file) {
    String name = file.getPath().getName();
    int end = 0;
    while (end < name.length() && Character.isDigit(name.charAt(end))) {
      end++;
    }
    return end == 0 ? Long.MAX_VALUE : Long.parseLong(name.substring(0, end));
  }

  /**
   * A committed version of a model.
   *
   * @return its ONNX model; null if it is not kept
   */
  public byte[] get(String model, long version) throws IOException {
    return readIfThere(new Path(root + "/models/" + model + "/" + version + "/" + MODEL));
  }

  /**
   * The newest version of a model.
   *
   * @param models the directory of the models
   * @return null if there is none
   */
  public static byte[] readLatest(String models, String model) throws IOException {
    Path directory = new Path(models + "/" + model);
    Long version = latest(directory);
    return version == null
        ? null
        : read(new Path(new Path(directory, Long.toString(version)), MODEL));
  }

  private static Long latest(Path directory) throws IOException {
    byte[] text = readIfThere(new Path(directory, LATEST));
    return text == null ? null : Long.valueOf(new String(text, StandardCharsets.UTF_8).strip());
  }

  /** All bytes at a URI. */
  public static byte[] read(String uri) throws IOException {
    return read(new Path(uri));
  }

  private static byte[] read(Path path) throws IOException {
    try (FSDataInputStream in = path.getFileSystem().open(path)) {
      return in.readAllBytes();
    }
  }

  private static byte[] readIfThere(Path path) throws IOException {
    try {
      return read(path);
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    FileSystem files = path.getFileSystem();
    if (files.isDistributedFS()) {
      put(files, path, bytes);
      return;
    }
    Path unfinished = new Path(path.getParent(), "." + path.getName() + ".unfinished");
    put(files, unfinished, bytes);
    if (!files.rename(unfinished, path)) {
      throw new IOException(unfinished + " could not be renamed to " + path.getName());
    }
  }

  private static void put(FileSystem files, Path path, byte[] bytes) throws IOException {
    files.mkdirs(path.getParent());
    try (FSDataOutputStream out = files.create(path, WriteMode.OVERWRITE)) {
      out.write(bytes);
      out.sync();
    }
  }

  private static List<FileStatus> list(Path directory) throws IOException {
    try {
      FileStatus[] files = directory.getFileSystem().listStatus(directory);
      return files == null ? List.of() : List.of(files);
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static void delete(Path path) throws IOException {
    path.getFileSystem().delete(path, true);
  }
}
