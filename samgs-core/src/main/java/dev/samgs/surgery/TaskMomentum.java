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

  /** Updates a task's moments {@code from … to − 1}, of which the first belongs to g[offset]. */
  abstract void update(int task, float[] g, int offset, int from, int to);

  /** direction += factor · g ⊙ |m| over the elements {@code from … to − 1} of all three. */
  abstract void addModulated(
      int task, float[] g, int from, int to, float factor, float[] direction);

  /** |m| of a task at one parameter. */
  abstract double size(int task, int j);

  /** The moments, {@code tasks × length}; maybe the live arrays. */
  abstract float[][] toFloats();

  /** Replaces the moments by {@code tasks × length} others, row-major. */
  abstract void fromFloats(float[] saved);

  /** ‖g ⊙ |m|‖ over all moments, of which the first belongs to g[offset]. */
  final double modulatedNorm(int task, float[] g, int offset) {
    double squares = 0;
    for (int j = 0; j < length; j++) {
      double element = g[offset + j] * size(task, j);
      squares += element * element;
    }
    return Math.sqrt(squares);
  }

  private static final class Floats extends TaskMomentum {
    private final float[][] moments;

    Floats(int tasks, int length, double beta) {
      super(length, beta);
      this.moments = new float[tasks][length];
    }

    @Override
    void update(int task, float[] g, int offset, int from, int to) {
      float[] m = moments[task];
      if (offset == 0) {
        // One index for both arrays: this loop is compiled to vector instructions.
        for (int j = from; j < to; j++) {
          m[j] = keep * m[j] + add * g[j];
        }
      } else {
        for (int j = from; j < to; j++) {
          m[j] = keep * m[j] + add * g[offset + j];
        }
      }
    }

    @Override
    void addModulated(int task, float[] g, int from, int to, float factor, float[] direction) {
      float[] m = moments[task];
      for (int j = from; j < to; j++) {
        direction[j] += g[j] * (Math.abs(m[j]) * factor);
      }
    }

    @Override
    double size(int task, int j) {
      return Math.abs(moments[task][j]);
    }

    @Override
    float[][] toFloats() {
      return moments;
    }

    @Override
    void fromFloats(float[] saved) {
      for (int task = 0; task < moments.length; task++) {
        System.arraycopy(saved, task * length, moments[task], 0, length);
      }
    }
  }

  /** The upper sixteen bits of a float. */
  private static final class Bfloat16 extends TaskMomentum {
    private final short[][] moments;

    Bfloat16(int tasks, int length, double beta) {
      super(length, beta);
      this.moments = new short[tasks][length];
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
    void update(int task, float[] g, int offset, int from, int to) {
      short[] m = moments[task];
      for (int j = from; j < to; j++) {
        m[j] = round(keep * widen(m[j]) + add * g[offset + j]);
      }
    }

    @Override
    void addModulated(int task, float[] g, int from, int to, float factor, float[] direction) {
      short[] m = moments[task];
      for (int j = from; j < to; j++) {
        direction[j] += g[j] * (Math.abs(widen(m[j])) * factor);
      }
    }

    @Override
    double size(int task, int j) {
      return Math.abs(widen(moments[task][j]));
    }

    @Override
    float[][] toFloats() {
      float[][] floats = new float[moments.length][length];
      for (int task = 0; task < moments.length; task++) {
        for (int j = 0; j < length; j++) {
          floats[task][j] = widen(moments[task][j]);
        }
      }
      return floats;
    }

    @Override
    void fromFloats(float[] saved) {
      for (int task = 0; task < moments.length; task++) {
        for (int j = 0; j < length; j++) {
          moments[task][j] = round(saved[task * length + j]);
        }
      }
    }
  }
}
