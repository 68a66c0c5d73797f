package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * DDM, drift detection method: J. Gama, P. Medas, G. Castillo, P. Rodrigues, <em>Learning with
 * Drift Detection</em>, SBIA 2004.
 *
 * <p>Keeps the lowest p + s seen, where p is the error rate since the start and s = √(p(1 − p)/n)
 * its standard error; p + s above p_min + 2·s_min is a warning, above p_min + 3·s_min a detection.
 * The change is put where the warning began. For errors between 0 and 1, s is an upper bound, so
 * that fewer alarms are given.
 *
 * <p>Repeated tests against a minimum have no bound on false alarms. They are frequent early, most
 * of all while no error at all has been seen (s_min is 0 then, and the first error is an alarm),
 * and the longer a run, the later a change is seen. O(1) per error.
 */
public final class Ddm implements DriftDetector {
  /** Settings of DDM. */
  public record Settings(
      @Setting(value = "standard errors above the minimum that are a warning", min = 0)
          double warning,
      @Setting(value = "standard errors above the minimum that are a drift", min = 0) double drift,
      @Setting(value = "errors before the minimum is looked for", min = 1) int warmUp)
      implements DetectorSpec {
    /** As published. */
    public static Settings defaults() {
      return new Settings(2, 3, 30);
    }
  }

  private final Settings settings;
  private long count;
  private double sum;
  private double lowestRate;
  private double lowestDeviation = Double.POSITIVE_INFINITY;
  private long countSince;
  private double sumSince;
  private Change change;

  public Ddm(Settings settings) {
    this.settings = settings;
  }

  @Override
  public boolean add(double error) {
    count++;
    sum += error;
    if (count < settings.warmUp()) {
      return false;
    }
    double rate = sum / count;
    double deviation = Math.sqrt(Math.max(0, rate * (1 - rate)) / count);
    if (rate + deviation <= lowestRate + lowestDeviation) {
      lowestRate = rate;
      lowestDeviation = deviation;
    }
    if (rate + deviation <= lowestRate + settings.warning() * lowestDeviation) {
      countSince = 0;
      sumSince = 0;
      return false;
    }
    countSince++;
    sumSince += error;
    if (rate + deviation <= lowestRate + settings.drift() * lowestDeviation) {
      return false;
    }
    change = new Change((sum - sumSince) / (count - countSince), sumSince / countSince, countSince);
    count = countSince;
    sum = sumSince;
    lowestRate = 0;
    lowestDeviation = Double.POSITIVE_INFINITY;
    countSince = 0;
    sumSince = 0;
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
    if (count < settings.warmUp() || lowestDeviation == 0) {
      return 0;
    }
    double rate = sum / count;
    double deviation = Math.sqrt(Math.max(0, rate * (1 - rate)) / count);
    double excess = rate + deviation - lowestRate;
    return Math.max(0, excess / (settings.drift() * lowestDeviation));
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeLong(count);
    out.writeDouble(sum);
    out.writeDouble(lowestRate);
    out.writeDouble(lowestDeviation);
    out.writeLong(countSince);
    out.writeDouble(sumSince);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    count = in.readLong();
    sum = in.readDouble();
    lowestRate = in.readDouble();
    lowestDeviation = in.readDouble();
    countSince = in.readLong();
    sumSince = in.readDouble();
    change = Change.read(in);
  }
}
