package dev.samgs.deploy.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.JsonEventDecoder;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FactoryTest {
  private static final ModelSpec SPEC =
      new ModelSpec(
          FactoryLine.FEATURES,
          List.of(
              TaskSpec.regression(FactoryLine.REMAINING_HOURS),
              TaskSpec.binary(FactoryLine.FAULT),
              TaskSpec.multiclass(FactoryLine.QUALITY, 3),
              TaskSpec.regression(FactoryLine.ENERGY_KWH)),
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SurgeryMethod.named("sam-gs").defaults(),
          DetectorMethod.named("adwin").defaults());

  private final JsonEventDecoder decoder = new JsonEventDecoder(SPEC);

  @Test
  void theSameSeedSendsTheSameBytes() {
    Factory one = new Factory(3);
    Factory same = new Factory(3);
    Factory other = new Factory(4);
    boolean differs = false;
    for (int i = 0; i < 2000; i++) {
      if (i == 1000) {
        one.drift();
        same.drift();
      }
      Factory.Sent record = one.next(i);
      assertThat(same.next(i).value()).isEqualTo(record.value());
      differs |= !Arrays.equals(other.next(i).value(), record.value());
    }
    assertThat(differs).isTrue();
  }

  @Test
  void everySoundRecordIsAcceptedWholeAndEveryPoisonRecordRefusedWhole() {
    Factory factory = new Factory(5);
    Set<RefusalReason> reasons = new HashSet<>();
    int poison = 0;
    for (int i = 0; i < 6000; i++) {
      Factory.Sent sent = factory.next(i);
      Decoded decoded = decode(sent);
      if (sent.poison()) {
        poison++;
        assertThat(decoded.event()).as("event of a poison record").isNull();
        reasons.add(decoded.refusals().get(0).reason());
      } else {
        assertThat(decoded.refusals()).isEmpty();
        assertThat(decoded.event().model()).isIn(Factory.lines());
      }
    }
    assertThat(poison).isBetween(15, 60);
    assertThat(reasons)
        .containsExactlyInAnyOrder(
            RefusalReason.MALFORMED,
            RefusalReason.UNKNOWN_FEATURE,
            RefusalReason.NOT_FINITE,
            RefusalReason.WRONG_TYPE);
  }

  @Test
  void labelsAreMissingAndRareAsDescribed() {
    FactoryLine line = new FactoryLine("line-1", 7, FactoryLine.Drift.NONE);
    int rows = 6000;
    int[] known = new int[4];
    int faults = 0;
    int[] grades = new int[3];
    for (int i = 0; i < rows; i++) {
      double[] labels = line.next(i).row().labels();
      for (int t = 0; t < 4; t++) {
        known[t] += Double.isNaN(labels[t]) ? 0 : 1;
      }
      faults += labels[1] == 1 ? 1 : 0;
      if (!Double.isNaN(labels[2])) {
        grades[(int) labels[2]]++;
      }
    }
    for (int count : known) {
      assertThat(count).isBetween((int) (0.4 * rows), (int) (0.85 * rows));
    }
    assertThat((double) faults / known[1]).isBetween(0.03, 0.12);
    for (int count : grades) {
      assertThat((double) count / known[2]).isBetween(0.1, 0.7);
    }
  }

  @Test
  void sensorsHaveWildScalesAndOneNeverMoves() {
    FactoryLine line = new FactoryLine("line-1", 7, FactoryLine.Drift.NONE);
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      rows.add(line.next(i).row().features());
    }
    int voltage = FactoryLine.FEATURES.indexOf("supply_voltage_v");
    int strain = FactoryLine.FEATURES.indexOf("frame_strain");
    int pressure = FactoryLine.FEATURES.indexOf("hydraulic_pressure_pa");
    int humidity = FactoryLine.FEATURES.indexOf("humidity_percent");
    assertThat(rows).allMatch(row -> row.length == FactoryLine.FEATURES.size());
    assertThat(rows).allMatch(row -> row[voltage] == 400);
    assertThat(rows).allMatch(row -> row[pressure] > 1e9 * row[strain]);
    assertThat(rows.stream().filter(row -> Double.isNaN(row[humidity])).count())
        .isBetween(150L, 250L);
  }

  @Test
  void onlyTheLinesThatAreToDriftChange() {
    for (FactoryLine.Drift drift : FactoryLine.Drift.values()) {
      FactoryLine changed = new FactoryLine("line", 9, drift);
      FactoryLine unchanged = new FactoryLine("line", 9, drift);
      changed.drift();
      boolean differs = false;
      for (int i = 0; i < 100; i++) {
        differs |= !RowValue.of(changed).equals(RowValue.of(unchanged));
      }
      assertThat(differs).as("%s", drift).isEqualTo(drift != FactoryLine.Drift.NONE);
    }
  }

  /** A row by value. */
  private record RowValue(List<Double> features, List<Double> labels) {
    static RowValue of(FactoryLine line) {
      var row = line.next(0).row();
      return new RowValue(
          Arrays.stream(row.features()).boxed().toList(),
          Arrays.stream(row.labels()).boxed().toList());
    }
  }

  private Decoded decode(Factory.Sent sent) {
    return decoder.decode(new SourceRecord("events", 0, 0, 0, sent.key(), sent.value()));
  }
}
