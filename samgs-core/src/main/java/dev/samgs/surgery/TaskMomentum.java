package dev.samgs.surgery;

/**
 * First moments of the tasks' gradients, m_i ← β m_i + (1 − β) g_i, over the last {@code length}
 * shared parameters, with the number of updates of each.
 */
abstract class TaskMomentum {
  final int length;
  final float keep;
  final float add;

  private TaskMomentum(int length, double beta) {
    this.length = length;
    this.keep = (float) beta;
    this.add = (float) (1 - beta);
  }

  static TaskMomentum ofFloats(int tasks, int length, double beta) {
    return new Floats(tasks, length, beta);
  }

  /** Half the memory; every moment is rounded to 8 significant bits, nearest or even. */
  static TaskMomentum ofBfloat16(int tasks, int length, double beta) {
    return new Bfloat16(tasks, length, beta);
  }

  /** Updates a task's moment by the gradient that starts at {@code from}. */
  abstract void update(int task, float[] g, int from);

  /** direction += factor · g ⊙ |m|, over the gradient that starts at {@code from}. */
  abstract void addModulated(int task, float[] g, int from, float factor, float[] direction);

  /** |m| of a task at one parameter. */
  abstract double size(int task, int j);

  /** The moments, {@code tasks × length}. */
  abstract float[] toFloats();

  /** Replaces the moments. */
  abstract void fromFloats(float[] moments);

  /** ‖g ⊙ |m|‖ over the gradient that starts at {@code from}. */
  final double modulatedNorm(int task, float[] g, int from) {
    double squares = 0;
    for (int j = 0; j < length; j++) {
      double element = g[from + j] * size(task, j);
      squares += element * element;
    }
    return Math.sqrt(squares);
  }

  private static final class Floats extends TaskMomentum {
    private final float[] moments;

    Floats(int tasks, int length, double beta) {
      super(length, beta);
      this.moments = new float[Math.multiplyExact(tasks, length)];
    }

    @Override
    void update(int task, float[] g, int from) {
      float[] m = moments;
      int at = task * length;
      for (int j = 0; j < length; j++) {
        m[at + j] = keep * m[at + j] + add * g[from + j];
      }
    }

    @Override
    void addModulated(int task, float[] g, int from, float factor, float[] direction) {
      float[] m = moments;
      int at = task * length;
      for (int j = 0; j < length; j++) {
        direction[j] += g[from + j] * (Math.abs(m[at + j]) * factor);
      }
    }

    @Override
    double size(int task, int j) {
      return Math.abs(moments[task * length + j]);
    }

    @Override
    float[] toFloats() {
      return moments;
    }

    @Override
    void fromFloats(float[] saved) {
      System.arraycopy(saved, 0, moments, 0, moments.length);
    }
  }

  /** The upper sixteen bits of a float. */
  private static final class Bfloat16 extends TaskMomentum {
    private final short[] moments;

    Bfloat16(int tasks, int length, double beta) {
      super(length, beta);
      this.moments = new short[Math.multiplyExact(tasks, length)];
    }

    private static float widen(short half) {
      return Float.intBitsToFloat(half << 16);
    }

    /** Rounds to the nearest; the largest floats would round to infinity and are held below it. */
    private static short round(float value) {
      int bits = Float.floatToRawIntBits(value);
      int rounded = bits + 0x7FFF + ((bits >>> 16) & 1);
      return (short) ((rounded & 0x7F800000) == 0x7F800000 ? bits >>> 16 : rounded >>> 16);
    }

    @Override
    void update(int task, float[] g, int from) {
      short[] m = moments;
      int at = task * length;
      for (int j = 0; j < length; j++) {
        m[at + j] = round(keep * widen(m[at + j]) + add * g[from + j]);
      }
    }

    @Override
    void addModulated(int task, float[] g, int from, float factor, float[] direction) {
      short[] m = moments;
      int at = task * length;
      for (int j = 0; j < length; j++) {
        direction[j] += g[from + j] * (Math.abs(widen(m[at + j])) * factor);
      }
    }

    @Override
    double size(int task, int j) {
      return Math.abs(widen(moments[task * length + j]));
    }

    @Override
    float[] toFloats() {
      float[] floats = new float[moments.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = widen(moments[i]);
      }
      return floats;
    }

    @Override
    void fromFloats(float[] saved) {
      for (int i = 0; i < moments.length; i++) {
        moments[i] = round(saved[i]);
      }
    }
  }
}
