package dev.samgs.job.state;

import dev.samgs.learn.LearnerState;
import dev.samgs.spec.ModelSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A learner as keyed state holds it: live, or still in the bytes that a state backend read. It
 * comes to life under the specification of the running job, so that a savepoint needs to hold no
 * more of the old one than its structure.
 */
public final class StoredLearner {
  /** Bytes of the latest learner, as most often the next one's. Any value is right. */
  private static volatile int size = 1 << 16;

  private LearnerState live;
  private byte[] bytes;

  private StoredLearner(LearnerState live, byte[] bytes) {
    this.live = live;
    this.bytes = bytes;
  }

  /** Holds a learner, which may still be changed by its owner. */
  public static StoredLearner of(LearnerState live) {
    return new StoredLearner(live, null);
  }

  static StoredLearner ofBytes(byte[] bytes) {
    return new StoredLearner(null, bytes);
  }

  /**
   * The learner itself; the same object each time.
   *
   * @throws dev.samgs.state.StateFormatException if the bytes are damaged, newer than this version,
   *     or of another model
   */
  public LearnerState live(ModelSpec spec) throws IOException {
    if (live == null) {
      live = LearnerState.read(spec, new DataInputStream(new ByteArrayInputStream(bytes)));
      bytes = null;
    }
    return live;
  }

  /** The learner's binary form; not to be changed. */
  byte[] bytes() throws IOException {
    if (live == null) {
      return bytes;
    }
    ByteArrayOutputStream buffer = new ByteArrayOutputStream(size);
    live.write(new DataOutputStream(buffer));
    size = buffer.size();
    return buffer.toByteArray();
  }

  /** An independent learner, equal bit for bit. The bytes of one that does not live are shared. */
  StoredLearner copy() {
    return live == null ? ofBytes(bytes) : of(live.copy());
  }
}
