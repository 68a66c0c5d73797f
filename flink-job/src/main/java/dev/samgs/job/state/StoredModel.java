package dev.samgs.job.state;

import dev.samgs.learn.FrozenModel;
import dev.samgs.snapshot.PublishedModel;
import dev.samgs.spec.ModelSpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A published model as keyed state holds it: live, or in the bytes that a state backend read until
 * somebody needs it. Never changes, so that copies are the model itself.
 */
public final class StoredModel {
  private final byte[] bytes;
  private volatile PublishedModel live;

  private StoredModel(PublishedModel live, byte[] bytes) {
    this.live = live;
    this.bytes = bytes;
  }

  /** Holds a model under that version. */
  public static StoredModel of(long version, FrozenModel model) {
    return new StoredModel(new PublishedModel(version, model), null);
  }

  static StoredModel ofBytes(byte[] bytes) {
    return new StoredModel(null, bytes);
  }

  /**
   * The model.
   *
   * @throws dev.samgs.state.StateFormatException if the bytes are damaged, newer than this version,
   *     or of another model
   */
  public PublishedModel live(ModelSpec spec) throws IOException {
    PublishedModel model = live;
    if (model == null) {
      StateReader in = new StateReader(new DataInputStream(new ByteArrayInputStream(bytes)));
      model = new PublishedModel(in.readLong(), FrozenModel.read(spec, in));
      live = model;
    }
    return model;
  }

  /** The model's binary form; not to be changed. */
  byte[] bytes() throws IOException {
    if (bytes != null) {
      return bytes;
    }
    ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    StateWriter out = new StateWriter(new DataOutputStream(buffer));
    out.writeLong(live.version());
    live.model().write(out);
    return buffer.toByteArray();
  }
}
