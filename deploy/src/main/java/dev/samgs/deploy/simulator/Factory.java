package dev.samgs.deploy.simulator;

import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.JsonEventEncoder;
import dev.samgs.connectors.event.LabelledEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * A simulated factory of several lines, as the records that it sends: events in turn from each
 * line, and now and then one that is spoilt. The same seed gives the same records.
 */
public final class Factory {
  /** One spoilt record follows about so many events. */
  private static final int EVENTS_PER_POISON = 200;

  private static final List<String> LINES = List.of("line-1", "line-2", "line-3");

  private final List<FactoryLine> lines;
  private final JsonEventEncoder encoder =
      new JsonEventEncoder(FactoryLine.FEATURES, FactoryLine.TASKS, FeatureForm.BY_NAME);
  private final Random random;
  private long events;
  private int poison;

  /** A record to send: key and value, and whether it was spoilt. */
  public record Sent(byte[] key, byte[] value, boolean poison) {}

  public Factory(long seed) {
    this.random = new Random(seed);
    this.lines =
        List.of(
            new FactoryLine(LINES.get(0), random.nextLong(), FactoryLine.Drift.MATERIAL),
            new FactoryLine(LINES.get(1), random.nextLong(), FactoryLine.Drift.TOOLING),
            new FactoryLine(LINES.get(2), random.nextLong(), FactoryLine.Drift.NONE));
  }

  /** Names of the lines, which are the names of their models. */
  public static List<String> lines() {
    return LINES;
  }

  /** Changes the lines from here on: the first gets other material, the second other tools. */
  public void drift() {
    lines.forEach(FactoryLine::drift);
  }

  /** The next record of the factory. */
  public Sent next(long timestamp) {
    FactoryLine line = lines.get((int) (events % lines.size()));
    LabelledEvent event = line.next(timestamp);
    byte[] key = event.model().getBytes(StandardCharsets.UTF_8);
    byte[] value = encoder.encode(event);
    events++;
    if (random.nextInt(EVENTS_PER_POISON) == 0) {
      Poison[] kinds = Poison.values();
      return new Sent(key, kinds[poison++ % kinds.length].spoil(value), true);
    }
    return new Sent(key, value, false);
  }
}
