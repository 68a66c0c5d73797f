package dev.samgs.nd4j;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

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
}
