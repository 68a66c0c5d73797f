package dev.samgs.surgery;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What SAM-GS saves, taken apart. */
record SamGsState(float[] momentum, long[] momentumSteps, double v, long steps) {

  static SamGsState fresh(int tasks, int parameters) {
    return new SamGsState(new float[tasks * parameters], new long[tasks], 0, 0);
  }

  static SamGsState of(SamGs samGs) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    samGs.write(new StateWriter(new DataOutputStream(bytes)));
    StateReader in =
        new StateReader(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    return new SamGsState(in.readFloats(), in.readLongs(), in.readDouble(), in.readLong());
  }

  byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StateWriter out = new StateWriter(new DataOutputStream(bytes));
    out.writeFloats(momentum);
    out.writeLongs(momentumSteps);
    out.writeDouble(v);
    out.writeLong(steps);
    new SimilarityWindow(0).write(out);
    return bytes.toByteArray();
  }
}
