package dev.samgs.bench;

import dev.samgs.learn.LearnerState;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.Trainer;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.spec.ModelSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A learner's state to bytes and back, and its snapshot as ONNX. */
@State(Scope.Thread)
public class StateBenchmark {
  /** 20 features with trunk 64-32, or 100 with a trunk of one million parameters. */
  @Param({"4k", "1M"})
  public String parameters;

  private ModelSpec spec;
  private LearnerState state;
  private byte[] saved;
  private byte[] copied;

  @Setup(Level.Trial)
  public void setUp() throws IOException {
    spec =
        parameters.equals("1M")
            ? TrainingModel.spec(100, List.of(960, 920), 3, 32, true)
            : TrainingModel.spec(20, List.of(64, 32), 3, 32, true);
    state = new LearnerState(spec, 0);
    RowBatch batch = TrainingModel.miniBatches(spec, 1)[0];
    Trainer trainer = new Trainer(spec);
    trainer.predict(state, batch);
    trainer.learn(state, batch, TrainingModel.NO_REPLAY);
    saved = save();
    copied = new byte[saved.length];
  }

  @Benchmark
  public byte[] save() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    state.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Benchmark
  public LearnerState restore() throws IOException {
    return LearnerState.read(spec, new DataInputStream(new ByteArrayInputStream(saved)));
  }

  @Benchmark
  public LearnerState copy() {
    return state.copy();
  }

  @Benchmark
  public byte[] snapshot() {
    return OnnxEncoder.encode("line-1", ModelSnapshot.take(state));
  }

  /** The state's bytes copied once. */
  @Benchmark
  public byte[] floor() {
    System.arraycopy(saved, 0, copied, 0, saved.length);
    return copied;
  }
}
