package dev.samgs.learn;

import dev.samgs.drift.DriftDetector;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Whether a task is drifting: from an alarm on, until half of the rise of its error is gone again,
 * or until so many labels later that the new error is the normal one. Part of the model's state.
 */
public final class TaskDrift {
  /** Labels after an alarm from which on the error it found is the task's normal one. */
  private static final int NORMAL_AFTER = 2048;

  private final LabelTimes times = new LabelTimes();
  private long alarms;
  private boolean drifting;
  private long began;
  private double errorBefore;
  private double errorAfter;
  private long labelsSinceAlarm;

  /** Takes in a label that raised no alarm. */
  void labelled(long timestamp, double error) {
    times.add(timestamp);
    if (drifting) {
      labelsSinceAlarm++;
      drifting = error > (errorBefore + errorAfter) / 2 && labelsSinceAlarm < NORMAL_AFTER;
    }
  }

  /** Takes in a label that raised an alarm. */
  void alarm(long timestamp, DriftDetector.Change change) {
    times.add(timestamp);
    alarms++;
    began = times.before(change.valuesSince());
    // A second step of a drift that goes on is measured from where it all began.
    if (!drifting) {
      errorBefore = change.meanBefore();
    }
    errorAfter = change.meanAfter();
    drifting = true;
    labelsSinceAlarm = 0;
  }

  /** Alarms of the task since the model began. */
  public long alarms() {
    return alarms;
  }

  /** Whether the task is drifting now. */
  public boolean drifting() {
    return drifting;
  }

  /** Event time at which the change of the last alarm is estimated to have begun. */
  public long began() {
    return began;
  }

  void write(StateWriter out) throws IOException {
    times.write(out);
    out.writeLong(alarms);
    out.writeBoolean(drifting);
    out.writeLong(began);
    out.writeDouble(errorBefore);
    out.writeDouble(errorAfter);
    out.writeLong(labelsSinceAlarm);
  }

  void read(StateReader in) throws IOException {
    times.read(in);
    alarms = in.readLong();
    drifting = in.readBoolean();
    began = in.readLong();
    errorBefore = in.readDouble();
    errorAfter = in.readDouble();
    labelsSinceAlarm = in.readLong();
  }
}
