package dev.samgs.deploy.simulator;

import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.learn.Row;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A simulated production line of several machines, each with a tool that wears down and is changed.
 * Every event is one part: what the sensors read, and what inspection and maintenance found out
 * about it, as far as they looked. The same seed gives the same events.
 *
 * <p>The sensors are as plants have them: units from microstrain to pascal, one that never moves,
 * one that only counts up, two that are often missing. Of the tasks, {@code remaining_hours} has
 * errors a thousand times those of {@code energy_kwh}; {@code fault} is rare; no part has all
 * labels for certain.
 */
public final class FactoryLine {
  /** Names of the sensors, in the order of the rows. */
  public static final List<String> FEATURES =
      List.of(
          "spindle_rpm",
          "torque_nm",
          "vibration_mm_s",
          "bearing_temperature_c",
          "coolant_flow_l_min",
          "hydraulic_pressure_pa",
          "motor_current_a",
          "frame_strain",
          "humidity_percent",
          "supply_voltage_v",
          "parts_counter",
          "tool_age_h");

  /** Hours that the tool will last: regression. */
  public static final String REMAINING_HOURS = "remaining_hours";

  /** Whether the part came with a machine fault: binary, about one in fifteen. */
  public static final String FAULT = "fault";

  /** What inspection said: 0 good, 1 rework, 2 scrap. */
  public static final String QUALITY = "quality";

  /** Energy that the part took: regression. */
  public static final String ENERGY_KWH = "energy_kwh";

  /** Names of the labels, in the order of the rows. */
  public static final List<String> TASKS = List.of(REMAINING_HOURS, FAULT, QUALITY, ENERGY_KWH);

  /** What changes on a line, all at once. */
  public enum Drift {
    /** Nothing. */
    NONE,
    /** A new supplier's material wants low pressure where the old one wanted high. */
    MATERIAL,
    /** A tool of another grade lasts longer, and a new vibration sensor reads lower. */
    TOOLING
  }

  private static final int MACHINES = 3;
  private static final double TOOL_LIFE_HOURS = 120;
  private static final double PARTS_PER_TOOL = 400;

  private final String name;
  private final Random random;
  private final Drift drift;
  private final double[] wear = new double[MACHINES];
  private final double[] hardness = new double[MACHINES];
  private long parts;
  private boolean drifted;

  /**
   * @param name name of the line, which is the name of its model
   * @param drift what {@link #drift} does
   */
  public FactoryLine(String name, long seed, Drift drift) {
    this.name = name;
    this.random = new Random(seed);
    this.drift = drift;
    Arrays.setAll(wear, machine -> (machine + random.nextDouble()) / MACHINES);
  }

  /** Changes the line from here on. */
  public void drift() {
    drifted = true;
  }

  /** The next part. */
  public LabelledEvent next(long timestamp) {
    int machine = (int) (parts % MACHINES);
    parts++;
    wear[machine] += (0.5 + random.nextDouble()) / PARTS_PER_TOOL;
    if (wear[machine] >= 1) {
      wear[machine] = 0;
    }
    hardness[machine] = 0.9 * hardness[machine] + 0.43 * random.nextGaussian();

    Part part = new Part(wear[machine], hardness[machine]);
    return new LabelledEvent(
        name,
        name + "-machine-" + (machine + 1),
        name + "-" + parts,
        new Row(timestamp, part.features(), part.labels()));
  }

  /** One part: the conditions under which it was made, and what follows from them. */
  private final class Part {
    private final boolean newMaterial = drifted && drift == Drift.MATERIAL;
    private final boolean newTooling = drifted && drift == Drift.TOOLING;
    private final double wear;
    private final double hardness;
    private final double speed = random.nextGaussian();
    private final double coolant = random.nextGaussian();
    private final double pressure = random.nextGaussian();
    private final double rpm = 6000 + 900 * speed;
    private final double torque;
    private final double vibration;
    private final double temperature;

    Part(double wear, double hardness) {
      this.wear = wear;
      this.hardness = hardness;
      this.torque = 40 + 8 * hardness + 6 * wear + 2 * random.nextGaussian();
      this.vibration = 0.8 + 2.6 * wear * wear + 0.15 * random.nextGaussian();
      this.temperature = 45 + 18 * wear + 3 * speed - 4 * coolant + random.nextGaussian();
    }

    double[] features() {
      return new double[] {
        rpm,
        torque,
        newTooling ? 0.45 * vibration + 0.1 : vibration,
        temperature,
        12 + 2 * coolant,
        2.1e6 + 1.5e5 * pressure,
        current() + 0.2 * random.nextGaussian(),
        1e-6 * (120 + 3 * torque + 5 * random.nextGaussian()),
        missing(0.4) ? Double.NaN : 45 + 10 * random.nextGaussian(),
        400,
        1.7e9 + parts,
        missing(0.1) ? Double.NaN : hoursInUse() + 6 * random.nextGaussian()
      };
    }

    double[] labels() {
      return new double[] {
        missing(0.5) ? Double.NaN : Math.max(0, lifeHours() - hoursInUse()),
        missing(0.2) ? Double.NaN : fault(),
        missing(0.4) ? Double.NaN : quality(),
        missing(0.3) ? Double.NaN : current() * 400 * 90 / 3.6e6 + 0.002 * random.nextGaussian()
      };
    }

    private double lifeHours() {
      return newTooling ? 1.6 * TOOL_LIFE_HOURS : TOOL_LIFE_HOURS;
    }

    private double hoursInUse() {
      return wear * lifeHours();
    }

    private double current() {
      return rpm * torque / 9550 / 0.9;
    }

    private double fault() {
      double stress = 6 * (wear - 0.9) + 0.35 * (temperature - 60) + 1.2 * (hardness - 1);
      return random.nextDouble() < 1 / (1 + Math.exp(-2 * stress)) ? 1 : 0;
    }

    private double quality() {
      double fit = (newMaterial ? -1.1 : 1.1) * pressure + 0.7 * coolant - 0.8 * hardness;
      double score = fit + 0.35 * random.nextGaussian();
      return score > -0.4 ? 0 : score > -1.6 ? 1 : 2;
    }
  }

  private boolean missing(double share) {
    return random.nextDouble() < share;
  }
}
