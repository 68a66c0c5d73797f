package dev.samgs.job.state;

import dev.samgs.state.StateFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Serializer of a learner in keyed state: its length, then the versioned form that {@link
 * dev.samgs.learn.LearnerState} writes. A savepoint notes the structure of the model beside it, so
 * that a job with other features, tasks or network shape is refused before it reads anything.
 */
public final class LearnerStateSerializer extends TypeSerializer<StoredLearner> {
  private static final long serialVersionUID = 1L;

  private final String structure;

  /**
   * @param structure of the model, see {@link dev.samgs.spec.ModelSpec#structure()}
   */
  public LearnerStateSerializer(String structure) {
    this.structure = structure;
  }

  /** A learner changes in place, so the backend has to copy it before it snapshots. */
  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public TypeSerializer<StoredLearner> duplicate() {
    return this;
  }

  @Override
  public StoredLearner createInstance() {
    return null;
  }

  @Override
  public StoredLearner copy(StoredLearner from) {
    return from.copy();
  }

  @Override
  public StoredLearner copy(StoredLearner from, StoredLearner reuse) {
    return from.copy();
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(StoredLearner learner, DataOutputView out) throws IOException {
    byte[] bytes = learner.bytes();
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  @Override
  public StoredLearner deserialize(DataInputView in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return StoredLearner.ofBytes(bytes);
  }

  @Override
  public StoredLearner deserialize(StoredLearner reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView from, DataOutputView to) throws IOException {
    byte[] bytes = new byte[from.readInt()];
    from.readFully(bytes);
    to.writeInt(bytes.length);
    to.write(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LearnerStateSerializer that && that.structure.equals(structure);
  }

  @Override
  public int hashCode() {
    return structure.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<StoredLearner> snapshotConfiguration() {
    return new Snapshot(structure);
  }

  /** What a savepoint notes about the learners in it. */
  public static final class Snapshot implements TypeSerializerSnapshot<StoredLearner> {
    private static final int FORMAT = 1;

    private String structure;

    /** For Flink, which reads the rest. */
    public Snapshot() {}

    Snapshot(String structure) {
      this.structure = structure;
    }

    @Override
    public int getCurrentVersion() {
      return FORMAT;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
      byte[] text = structure.getBytes(StandardCharsets.UTF_8);
      out.writeInt(text.length);
      out.write(text);
    }

    @Override
    public void readSnapshot(int format, DataInputView in, ClassLoader classLoader)
        throws IOException {
      if (format != FORMAT) {
        throw new SuppressRestartsException(
            new StateFormatException(
                "the savepoint holds learners in format "
                    + format
                    + ", and this version reads format "
                    + FORMAT
                    + "; run the version that wrote it, or a newer one"));
      }
      byte[] text = new byte[in.readInt()];
      in.readFully(text);
      structure = new String(text, StandardCharsets.UTF_8);
    }

    @Override
    public TypeSerializer<StoredLearner> restoreSerializer() {
      return new LearnerStateSerializer(structure);
    }

    /**
     * Whether the running job can go on with these learners.
     *
     * @throws SuppressRestartsException if not, with a sentence: no restart can mend it
     */
    @Override
    public TypeSerializerSchemaCompatibility<StoredLearner> resolveSchemaCompatibility(
        TypeSerializerSnapshot<StoredLearner> old) {
      if (!(old instanceof Snapshot saved)) {
        return TypeSerializerSchemaCompatibility.incompatible();
      }
      if (!saved.structure.equals(structure)) {
        throw new SuppressRestartsException(
            new StateFormatException(
                "the savepoint is of another model: it has "
                    + saved.structure
                    + ", the configuration "
                    + structure
                    + "; restore the configuration, or start without the savepoint: with"
                    + " snapshots.start-from models keep what both have"));
      }
      return TypeSerializerSchemaCompatibility.compatibleAsIs();
    }
  }
}
