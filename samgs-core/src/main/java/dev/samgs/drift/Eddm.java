package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * EDDM, early drift detection method: M. Baena-García, J. del Campo-Ávila, R. Fidalgo, A. Bifet, R.
 * Gavaldà, R. Morales-Bueno, <em>Early Drift Detection Method</em>, IWKDDS 2006.
 *
 * <p>Watches the distances between errors: their mean p' and standard deviation s'. The largest p'
 * + 2·s' is kept; a fall below α of it is a warning, below β a detection, after 30 errors. The
 * change is put where the warning began. An error between 0 and 1 counts as that part of one: a
 * whole error is there each time their sum passes a whole number, which is the published method
 * where they are 0 or 1.
 *
 * <p>Made for slow drift; a maximum of running estimates is passed below by chance again and again,
 * so that it has by far the most false alarms of the detectors here. O(1) per error.
 */
public final class Eddm implements DriftDetector {
  /** Settings of EDDM. */
  public record Settings(
      @Setting(value = "share of the largest distance that is a warning", min = 0, max = 1)
          double warning,
      @Setting(value = "share of the largest distance that is a drift", min = 0, max = 1)
          double drift,
      @Setting(value = "whole errors before the first alarm can be given", min = 1) int warmUp)
      implements DetectorSpec {
    /** As published. */
    public static Settings defaults() {
      return new Settings(0.95, 0.9, 30);
    }

    public Settings {
      if (drift > warning) {
        throw new InvalidSettingException(
            "drift", "a drift must be rarer than a warning; set drift below warning");
      }
    }
  }

  /** Values before the largest distance is looked for. */
  private static final int SMALLEST_COUNT = 30;

  private final Settings settings;
  private long count;
  private double sum;

  /** What the errors since the last whole one add up to, and how many they are. */
  private double part;

  private long distance;
  private long errors;
  private double meanDistance;
  private double squaredDeviations;
  private double largest;
  private boolean warned;
  private long countSince;
  private double sumSince;
  private Change change;

  public Eddm(Settings settings) {
    this.settings = settings;
  }

  @Override
  public boolean add(double error) {
    count++;
    sum += error;
    distance++;
    part += error;
    if (warned) {
      countSince++;
      sumSince += error;
    }
    if (part < 1) {
      return false;
    }
    part--;
    errors++;
    double delta = distance - meanDistance;
    meanDistance += delta / errors;
    squaredDeviations += delta * (distance - meanDistance);
    distance = 0;
    return count >= SMALLEST_COUNT && judge(error);
  }

  private boolean judge(double error) {
    double spread = meanDistance + 2 * Math.sqrt(squaredDeviations / errors);
    largest = Math.max(largest, spread);
    if (errors <= settings.warmUp() || spread >= settings.warning() * largest) {
      warned = false;
      countSince = 0;
      sumSince = 0;
      return false;
    }
    if (!warned) {
      warned = true;
      countSince = 1;
      sumSince = error;
    }
    if (spread >= settings.drift() * largest) {
      return false;
    }
    change = new Change((sum - sumSince) / (count - countSince), sumSince / countSince, countSince);
    count = countSince;
    sum = sumSince;
    errors = 0;
    meanDistance = 0;
    squaredDeviations = 0;
    largest = 0;
    warned = false;
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
    if (largest == 0) {
      return 0;
    }
    double spread = meanDistance + 2 * Math.sqrt(squaredDeviations / errors);
    return (1 - spread / largest) / (1 - settings.drift());
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeLong(count);
    out.writeDouble(sum);
    out.writeDouble(part);
    out.writeLong(distance);
    out.writeLong(errors);
    out.writeDouble(meanDistance);
    out.writeDouble(squaredDeviations);
    out.writeDouble(largest);
    out.writeBoolean(warned);
    out.writeLong(countSince);
    out.writeDouble(sumSince);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    count = in.readLong();
    sum = in.readDouble();
    part = in.readDouble();
    distance = in.readLong();
    errors = in.readLong();
    meanDistance = in.readDouble();
    squaredDeviations = in.readDouble();
    largest = in.readDouble();
    warned = in.readBoolean();
    countSince = in.readLong();
    sumSince = in.readDouble();
    change = Change.read(in);
  }
}
