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
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A row-major matrix of floats outside the heap, where the OpenBLAS that ND4J ships reads and
 * writes it (handed heap arrays, JavaCPP would copy whole arrays both ways at each product). What
 * goes in and out is copied once, by {@link #put} and {@link #get}; an operand of several products
 * stays where it is.
 *
 * <p>Products take <em>windows</em>: some neighbouring columns of a matrix, all its rows. One
 * thread, fixed kernel: same input, same bits. Not safe for use by several threads.
 */
public final class Matrix {
  private FloatBuffer floats;
  private FloatPointer pointer;
  private int rows;
  private int columns;

  static {
    JavaCpp.begin();
    blas_set_num_threads(1);
  }

  public Matrix() {
    allocate(1024);
  }

  private void allocate(int capacity) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.multiplyExact(capacity, Float.BYTES))
            .order(ByteOrder.nativeOrder());
    floats = bytes.asFloatBuffer();
    pointer = new FloatPointer(floats);
  }

  /** Gives it another shape; what was in it is lost. Memory is taken when it grows beyond all. */
  public Matrix shape(int newRows, int newColumns) {
    int needed = Math.multiplyExact(newRows, newColumns);
    if (needed > floats.capacity()) {
      allocate(Math.max(needed, 2 * floats.capacity()));
    }
    rows = newRows;
    columns = newColumns;
    return this;
  }

  public int columns() {
    return columns;
  }

  /** Copies {@code length} numbers in, from {@code row} on. */
  public void put(int row, float[] source, int from, int length) {
    floats.put(row * columns, source, from, length);
  }

  /** Copies all numbers in. */
  public void put(float[] source) {
    floats.put(0, source, 0, rows * columns);
  }

  /** Copies {@code length} numbers out, from {@code row} on. */
  public void get(int row, float[] to, int at, int length) {
    floats.get(row * columns, to, at, length);
  }

  /** Copies {@code length} numbers out, from {@code column} of the first row on. */
  public void getColumns(int column, float[] to, int at, int length) {
    floats.get(column, to, at, length);
  }

  /** Copies all numbers out. */
  public void get(float[] to) {
    floats.get(0, to, 0, rows * columns);
  }

  /** this ← A·Bᵀ + β·this: rows of A through a dense layer whose weights are the rows of B. */
  public void multiplyTransposed(Matrix a, Matrix b, float beta) {
    multiply(CblasNoTrans, CblasTrans, rows, columns, a.columns, a, 0, b, 0, beta, 0);
  }

  /**
   * Columns {@code column …} of this, as many as {@code outputs}, ← A·Bᵀ + β·themselves, for a
   * window of A and some neighbouring rows of B.
   *
   * @param columnA first column of A's window, which is as wide as B
   * @param rowB first of B's {@code outputs} rows
   */
  public void multiplyTransposed(
      Matrix a, int columnA, Matrix b, int rowB, int outputs, float beta, int column) {
    multiply(
        CblasNoTrans,
        CblasTrans,
        rows,
        outputs,
        b.columns,
        a,
        columnA,
        b,
        rowB * b.columns,
        beta,
        column);
  }

  /**
   * Columns {@code column …} of this, as many as B has, ← A·B, for a window of A and as many
   * neighbouring rows of B.
   *
   * @param columnA first column of A's window
   * @param inner columns of the window
   * @param rowB first of B's {@code inner} rows
   */
  public void multiply(Matrix a, int columnA, int inner, Matrix b, int rowB, int column) {
    multiply(
        CblasNoTrans,
        CblasNoTrans,
        rows,
        b.columns,
        inner,
        a,
        columnA,
        b,
        rowB * b.columns,
        0f,
        column);
  }

  /** this, read as {@code A's rows × …}, ← A·B, where A is read as {@code … × B's rows}. */
  public void multiplyRows(Matrix a, Matrix b) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasNoTrans,
        a.rows * a.columns / b.rows,
        b.columns,
        b.rows,
        1f,
        a.pointer,
        b.rows,
        b.pointer,
        b.columns,
        0f,
        pointer,
        b.columns);
  }

  /**
   * this ← Aᵀ·B for windows of both: gradients of weights, from gradients of outputs and inputs.
   *
   * @param columnA first column of A's window, which is as wide as this has rows
   * @param columnB first column of B's window, which is as wide as this
   */
  public void multiplyTransposing(Matrix a, int columnA, Matrix b, int columnB) {
    multiply(CblasTrans, CblasNoTrans, rows, columns, a.rows, a, columnA, b, columnB, 0f, 0);
  }

  private void multiply(
      int opA,
      int opB,
      int m,
      int n,
      int k,
      Matrix a,
      int atA,
      Matrix b,
      int atB,
      float beta,
      int at) {
    cblas_sgemm(
        CblasRowMajor,
        opA,
        opB,
        m,
        n,
        k,
        1f,
        a.pointer.position(atA),
        a.columns,
        b.pointer.position(atB),
        b.columns,
        beta,
        pointer.position(at),
        columns);
    a.pointer.position(0);
    b.pointer.position(0);
    pointer.position(0);
  }

  /** this, one row, ← the sums of A's columns. */
  public void sumColumns(Matrix a, Matrix ones) {
    cblas_sgemv(
        CblasRowMajor,
        CblasTrans,
        a.rows,
        a.columns,
        1f,
        a.pointer,
        a.columns,
        ones.pointer,
        1,
        0f,
        pointer,
        1);
  }

  /** Makes all numbers 1. */
  public void fillOnes() {
    float[] ones = new float[rows * columns];
    Arrays.fill(ones, 1f);
    put(ones);
  }
}
