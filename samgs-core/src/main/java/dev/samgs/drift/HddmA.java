package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * HDDM with the A-test: I. Frías-Blanco, J. del Campo-Ávila, G. Ramos-Jiménez, R. Morales-Bueno, A.
 * Ortiz-Díaz, Y. Caballero-Mota, <em>Online and Non-Parametric Drift Detection Methods Based on
 * Hoeffding's Bounds</em>, IEEE TKDE 27, 2015.
 *
 * <p>Remembers the cut where the mean of all errors before it, plus its Hoeffding bound √(ln(1/α) /
 * 2n), was lowest. A detection is a mean of all errors that lies above the mean before the cut by
 * √((1/n_cut − 1/n)/2 · ln(1/α)); the change is put at the cut.
 *
 * <p>α bounds the chance of a false alarm of one test against a fixed cut; the test is repeated
 * with every error and the cut is chosen, so that the chance over a stream is larger and is
 * measured, not bounded. O(1) per error.
 */
public final class HddmA implements DriftDetector {
  /** Settings of the A-test. */
  public record Settings(
      @Setting(
              value = "chance of a false alarm of one test; smaller alarms later",
              min = 1e-30,
              max = 0.5)
          double alpha,
      @Setting(value = "errors before the first alarm can be given", min = 0) int warmUp)
      implements DetectorSpec {
    /** A tenth of the published α, for it is spent with every error. */
    public static Settings defaults() {
      return new Settings(1e-4, 256);
    }
  }

  private final Settings settings;
  private long count;
  private double sum;
  private long countBefore;
  private double sumBefore;
  private Change change;

  public HddmA(Settings settings) {
    this.settings = settings;
  }

  @Override
  public boolean add(double error) {
    count++;
    sum += error;
    double logarithm = -Math.log(settings.alpha());
    if (countBefore == 0
        || sum / count + Math.sqrt(logarithm / (2 * count))
            <= sumBefore / countBefore + Math.sqrt(logarithm / (2 * countBefore))) {
      countBefore = count;
      sumBefore = sum;
      return false;
    }
    double bound = Math.sqrt((1.0 / countBefore - 1.0 / count) / 2 * logarithm);
    if (sum / count - sumBefore / countBefore < bound || count <= settings.warmUp()) {
      return false;
    }
    long countSince = count - countBefore;
    double sumSince = sum - sumBefore;
    change = new Change(sumBefore / countBefore, sumSince / countSince, countSince);
    count = countSince;
    sum = sumSince;
    countBefore = 0;
    sumBefore = 0;
    return true;
  }

  @Override
  public Change change() {
    return change;
  }

  @Override
  public double mean() {
    return sum / count;
  }

  @Override
  public double statistic() {
    if (countBefore == 0 || countBefore == count) {
      return 0;
    }
    double bound = Math.sqrt((1.0 / countBefore - 1.0 / count) / 2 * -Math.log(settings.alpha()));
    return Math.max(0, (sum / count - sumBefore / countBefore) / bound);
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeLong(count);
    out.writeDouble(sum);
    out.writeLong(countBefore);
    out.writeDouble(sumBefore);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    count = in.readLong();
    sum = in.readDouble();
    countBefore = in.readLong();
    sumBefore = in.readDouble();
    change = Change.read(in);
  }
}
