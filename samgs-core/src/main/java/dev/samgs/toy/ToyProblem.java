package dev.samgs.toy;

import java.util.List;

/**
 * The two-task toy problems of the SAM-GS paper (arXiv:2506.06130; the first goes back to B. Liu et
 * al., arXiv:2110.14048). Above x₂ = 0 each task has a logarithmic valley, ln max(|u_i|, 5·10⁻⁶) +
 * 6, whose slope explodes at its bottom; below, a smooth bowl. Between them the losses fade over by
 * the positive parts of tanh(±x₂/2).
 */
public enum ToyProblem {
  /** Quadratic bowls around (±7, −8): the front is the segment between them. */
  ONE(20_000, 0.99, -8.3552, 7, List.of(new Point(0, -8.3552)), 11.5) {
    @Override
    void bowl(int side, Point x, double[] to) {
      double a = x.x1() - side * 7;
      double b = x.x2() + 8;
      to[0] = (a * a + 0.1 * (b * b)) / 10 - 20;
      to[1] = 2 * a / 10;
      to[2] = 0.2 * b / 10;
    }

    @Override
    public List<Point> starts() {
      return List.of(
          new Point(-8, 5),
          new Point(-3, 7.5),
          new Point(0, 10),
          new Point(3, 7.5),
          new Point(8, 5),
          new Point(-10, -3),
          new Point(10, -3));
    }
  },

  /** Bowls of the sixth degree around (±5.45, −10.84). */
  TWO(21_000, 0.9, -10.84, 5.45, List.of(new Point(-5.45, -10.84), new Point(5.45, -10.84)), 12.5) {
    @Override
    void bowl(int side, Point x, double[] to) {
      double six = (x.x1() - side * 5.45) / 4;
      double low = (x.x1() - side * 5.5) / 4;
      double b = x.x2() / 4;
      to[0] =
          0.1 * power(six, 6)
              + 0.1 * power(b, 6)
              - (power(low, 4) + power(b, 4))
              - (1.5 * power(low, 2) + 1.5 * power(b, 2))
              + 1.5;
      to[1] = (0.6 * power(six, 5) - 4 * power(low, 3) - 3 * low) / 4;
      to[2] = (0.6 * power(b, 5) - 4 * power(b, 3) - 3 * b) / 4;
    }

    @Override
    public List<Point> starts() {
      return List.of(
          new Point(-3.5, 5.5),
          new Point(3.5, 5.5),
          new Point(-6.5, 2.5),
          new Point(6.5, 2.5),
          new Point(0, 10),
          new Point(0, -8));
    }
  };

  /** A place in the plane. */
  public record Point(double x1, double x2) {
    /** Euclidean distance. */
    public double distance(Point other) {
      return Math.hypot(x1 - other.x1, x2 - other.x2);
    }
  }

  /**
   * Both tasks at one place.
   *
   * @param losses of task 0 and 1
   * @param gradients {@code tasks × 2}
   */
  public record Evaluation(double[] losses, double[][] gradients) {}

  private static final double LOWEST = 5e-6;

  private final int steps;
  private final double beta2;
  private final double frontHeight;
  private final double frontHalf;
  private final List<Point> optima;
  private final double extent;

  ToyProblem(
      int steps,
      double beta2,
      double frontHeight,
      double frontHalf,
      List<Point> optima,
      double extent) {
    this.steps = steps;
    this.beta2 = beta2;
    this.frontHeight = frontHeight;
    this.frontHalf = frontHalf;
    this.optima = optima;
    this.extent = extent;
  }

  /** Bowl of the task on that side (+1 for task 0, −1 for task 1): value, ∂/∂x₁, ∂/∂x₂. */
  abstract void bowl(int side, Point x, double[] to);

  /** Where the authors start. */
  public abstract List<Point> starts();

  /** How many steps the authors take. */
  public int steps() {
    return steps;
  }

  /** The decay of the dissimilarity's second moment that the authors use. */
  public double beta2() {
    return beta2;
  }

  /** x₂ of the Pareto front as the authors draw it: a horizontal segment, symmetric in x₁. */
  public double frontHeight() {
    return frontHeight;
  }

  /** Half the length of that segment. */
  public double frontHalf() {
    return frontHalf;
  }

  /** The minima of the summed losses as the authors draw them. */
  public List<Point> optima() {
    return optima;
  }

  /** The picture shows |x₁|, |x₂| up to here. */
  double extent() {
    return extent;
  }

  /** Distance to the drawn front. */
  public double distanceToFront(Point x) {
    double beside = Math.max(0, Math.abs(x.x1()) - frontHalf);
    return Math.hypot(beside, x.x2() - frontHeight);
  }

  /** Losses and gradients; on the seams the one-sided slopes that PyTorch takes. */
  public Evaluation evaluate(Point x) {
    double[] losses = new double[2];
    double[][] gradients = new double[2][2];
    double up = Math.tanh(x.x2() * 0.5);
    double upper = Math.max(0, up);
    double lower = Math.max(0, -up);
    double upperSlope = up >= 0 ? 0.5 * (1 - up * up) : 0;
    double lowerSlope = up <= 0 ? -0.5 * (1 - up * up) : 0;
    double[] bowl = new double[3];
    for (int task = 0; task < 2; task++) {
      double tanh = Math.tanh(x.x2());
      double u = task == 0 ? 0.5 * (-x.x1() - 7) + tanh : 0.5 * (-x.x1() + 3) - tanh + 2;
      double size = Math.abs(u);
      double valley = Math.log(Math.max(LOWEST, size)) + 6;
      double slope = size >= LOWEST ? Math.signum(u) / size : 0;
      double sech = 1 - tanh * tanh;
      bowl(task == 0 ? 1 : -1, x, bowl);
      losses[task] = valley * upper + bowl[0] * lower;
      gradients[task][0] = -0.5 * slope * upper + bowl[1] * lower;
      gradients[task][1] =
          (task == 0 ? sech : -sech) * slope * upper
              + valley * upperSlope
              + bowl[2] * lower
              + bowl[0] * lowerSlope;
    }
    return new Evaluation(losses, gradients);
  }

  private static double power(double base, int exponent) {
    double product = base;
    for (int i = 1; i < exponent; i++) {
      product *= base;
    }
    return product;
  }
}
