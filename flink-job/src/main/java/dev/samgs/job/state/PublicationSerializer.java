package dev.samgs.job.state;

import dev.samgs.snapshot.Publication;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializer of what is known of a model's publication: its own versioned form. */
public final class PublicationSerializer extends TypeSerializer<Publication> {
  private static final long serialVersionUID = 1L;

  /** It changes in place, so the backend has to copy it before it snapshots. */
  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public TypeSerializer<Publication> duplicate() {
    return this;
  }

  @Override
  public Publication createInstance() {
    return null;
  }

  @Override
  public Publication copy(Publication from) {
    return from.copy();
  }

  @Override
  public Publication copy(Publication from, Publication reuse) {
    return from.copy();
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(Publication publication, DataOutputView out) throws IOException {
    publication.write(new StateWriter(out));
  }

  @Override
  public Publication deserialize(DataInputView in) throws IOException {
    return Publication.read(new StateReader(in));
  }

  @Override
  public Publication deserialize(Publication reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView from, DataOutputView to) throws IOException {
    serialize(deserialize(from), to);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicationSerializer;
  }

  @Override
  public int hashCode() {
    return PublicationSerializer.class.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<Publication> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Publication> {
    public Snapshot() {
      super(PublicationSerializer::new);
    }
  }
}
