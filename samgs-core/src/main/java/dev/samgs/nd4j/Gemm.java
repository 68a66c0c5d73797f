package dev.samgs.nd4j;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Single-precision matrix products by the OpenBLAS that ND4J ships, on stretches of heap arrays.
 * The operands are copied through off-heap buffers of this instance (JavaCPP would copy whole
 * arrays both ways). One thread, fixed kernel: same input, same bits. Not safe for use by several
 * threads.
 */
public final class Gemm {
  private Operand left = new Operand(1024);
  private Operand right = new Operand(1024);
  private Operand result = new Operand(1024);
  private Operand sums = new Operand(1024);
  private Operand ones = new Operand(1024);
  private int filledOnes;

  static {
    blas_set_num_threads(1);
  }

  /** An off-heap buffer, seen by Java and by BLAS. */
  private static final class Operand {
    final FloatBuffer floats;
    final FloatPointer pointer;

    Operand(int capacity) {
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(Math.multiplyExact(capacity, Float.BYTES))
              .order(ByteOrder.nativeOrder());
      floats = bytes.asFloatBuffer();
      pointer = new FloatPointer(floats);
    }

    Operand atLeast(int capacity) {
      return capacity <= floats.capacity()
          ? this
          : new Operand(Math.max(capacity, 2 * floats.capacity()));
    }

    void load(float[] source, int from, int length) {
      floats.put(0, source, from, length);
    }
  }

  /**
   * C ← op(A)·op(B) + β·C, all row-major and dense, where op transposes if the flag is set.
   *
   * @param m rows of op(A) and C
   * @param n columns of op(B) and C
   * @param k columns of op(A), rows of op(B)
   * @param beta 0 to overwrite C, 1 to add to it
   */
  public void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float[] a,
      int fromA,
      float[] b,
      int fromB,
      float beta,
      float[] c,
      int fromC) {
    if (m == 0 || n == 0) {
      return;
    }
    left = left.atLeast(m * k);
    right = right.atLeast(k * n);
    result = result.atLeast(m * n);
    left.load(a, fromA, m * k);
    right.load(b, fromB, k * n);
    if (beta != 0) {
      result.load(c, fromC, m * n);
    }
    cblas_sgemm(
        CblasRowMajor,
        transposeA ? CblasTrans : CblasNoTrans,
        transposeB ? CblasTrans : CblasNoTrans,
        m,
        n,
        k,
        1f,
        left.pointer,
        transposeA ? m : k,
        right.pointer,
        transposeB ? k : n,
        beta,
        result.pointer,
        n);
    result.floats.get(0, c, fromC, m * n);
  }

  /**
   * Gradients of the weights and biases of a dense layer for several tasks at once. With A the
   * tasks' gradients with respect to its output side by side, A = (A_0 | A_1 | …), {@code k ×
   * (count · m)}, and B its input, {@code k × n}, writes A_sᵀ·B and A_sᵀ·1 into the array of each
   * task.
   *
   * @param count number of tasks
   * @param gradients receives {@code m × n} numbers from {@code fromWeights} and {@code m} from
   *     {@code fromBiases} in each of its first {@code count} arrays
   * @param fromBiases negative if the layer has no biases
   */
  public void gradients(
      int count,
      int m,
      int n,
      int k,
      float[] a,
      float[] b,
      float[][] gradients,
      int fromWeights,
      int fromBiases) {
    int width = count * m;
    left = left.atLeast(k * width);
    right = right.atLeast(k * n);
    result = result.atLeast(width * n);
    left.load(a, 0, k * width);
    right.load(b, 0, k * n);
    cblas_sgemm(
        CblasRowMajor,
        CblasTrans,
        CblasNoTrans,
        width,
        n,
        k,
        1f,
        left.pointer,
        width,
        right.pointer,
        n,
        0f,
        result.pointer,
        n);
    for (int s = 0; s < count; s++) {
      result.floats.get(s * m * n, gradients[s], fromWeights, m * n);
    }
    if (fromBiases >= 0) {
      sums = sums.atLeast(width);
      cblas_sgemv(
          CblasRowMajor,
          CblasTrans,
          k,
          width,
          1f,
          left.pointer,
          width,
          ones(k).pointer,
          1,
          0f,
          sums.pointer,
          1);
      for (int s = 0; s < count; s++) {
        sums.floats.get(s * m, gradients[s], fromBiases, m);
      }
    }
  }

  private Operand ones(int length) {
    if (filledOnes < length) {
      ones = ones.atLeast(length);
      for (filledOnes = 0; filledOnes < ones.floats.capacity(); filledOnes++) {
        ones.floats.put(filledOnes, 1f);
      }
    }
    return ones;
  }
}
