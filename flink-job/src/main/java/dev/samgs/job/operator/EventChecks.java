package dev.samgs.job.operator;

import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.job.config.CheckSettings;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.job.config.ModelsSettings;
import dev.samgs.job.state.PartitionProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * What is refused of events that can be read, whatever else was read: the model's name, a time that
 * cannot be, a time too far back in its partition; and the limit of refusals. All of it is a
 * function of the records of one partition, so that a restart comes to the same.
 */
public final class EventChecks {
  /** Names that are looked up without matching patterns; a flood of others does not grow it. */
  private static final int KNOWN_NAMES = 10_000;

  private final CheckSettings settings;
  private final Pattern allowed;
  private final List<String> allowList;
  private final Map<String, Boolean> names = new HashMap<>();

  /** How far event times may go back within a partition; negative for any distance. */
  private final long lateness;

  private final Map<Integer, Partition> partitions = new HashMap<>();
  private Partition last;

  private EventChecks(InputSettings input, ModelsSettings models) {
    this.settings = input.checks();
    this.allowList = models.allow();
    this.allowed =
        allowList.isEmpty()
            ? null
            : Pattern.compile(
                allowList.stream()
                    .map(name -> name.replace(".", "\\.").replace("*", ".*"))
                    .collect(Collectors.joining("|")));
    this.lateness = input.ordering() == Ordering.EVENT_TIME ? input.lateness().toMillis() : -1;
  }

  /** The checks that are configured; null if there are none. */
  static EventChecks of(InputSettings input, ModelsSettings models) {
    CheckSettings checks = input.checks();
    boolean none =
        models.allow().isEmpty()
            && checks.maxAhead().isZero()
            && checks.maxBehind().isZero()
            && checks.maxRefused() >= 1
            && input.ordering() == Ordering.ARRIVAL;
    return none ? null : new EventChecks(input, models);
  }

  /**
   * Judges what was decoded.
   *
   * @return the same, or its refusal
   * @throws SuppressRestartsException if too many records of the partition were refused
   */
  Decoded judge(SourceRecord record, Decoded decoded) {
    Partition partition = partition(record.partition());
    LabelledEvent event = decoded.event();
    Refusal refusal = event == null ? null : refusal(record, event, partition);
    Decoded judged = refusal == null ? decoded : new Decoded(null, List.of(refusal));
    if (judged.event() == null && settings.maxRefused() < 1) {
      count(record, judged.refusals().get(0), partition);
    }
    return judged;
  }

  private Refusal refusal(SourceRecord record, LabelledEvent event, Partition partition) {
    long time = event.row().timestamp();
    Refusal skew = skew(record, time, settings);
    if (skew != null) {
      return skew;
    }
    if (lateness >= 0) {
      if (partition.latest != Long.MIN_VALUE && time < partition.latest - lateness) {
        return new Refusal(
            RefusalReason.LATE,
            "ts",
            "the event's time, "
                + Instant.ofEpochMilli(time)
                + ", is "
                + Duration.ofMillis(partition.latest - time)
                + " behind the latest of its partition; input.lateness permits "
                + Duration.ofMillis(lateness));
      }
      partition.latest = Math.max(partition.latest, time);
    }
    if (allowed != null && !allows(event.model())) {
      return new Refusal(
          RefusalReason.BAD_MODEL,
          "model",
          "there may be no model '" + event.model() + "': models.allow is " + allowList);
    }
    return null;
  }

  /** Why an event's time cannot be, seen from its record's own timestamp; null if it can. */
  public static Refusal skew(SourceRecord record, long time, CheckSettings settings) {
    long written = record.timestamp();
    if (written < 0) {
      return null;
    }
    if (isBeyond(time - written, settings.maxAhead())) {
      return skewed(time, written, "after", "max-ahead", settings.maxAhead());
    }
    if (isBeyond(written - time, settings.maxBehind())) {
      return skewed(time, written, "before", "max-behind", settings.maxBehind());
    }
    return null;
  }

  private static boolean isBeyond(long distance, Duration permitted) {
    return !permitted.isZero() && distance > permitted.toMillis();
  }

  private boolean allows(String model) {
    Boolean known = names.get(model);
    if (known == null) {
      if (names.size() == KNOWN_NAMES) {
        names.clear();
      }
      known = allowed.matcher(model).matches();
      names.put(model, known);
    }
    return known;
  }

  private static Refusal skewed(
      long time, long written, String where, String setting, Duration permitted) {
    return new Refusal(
        RefusalReason.CLOCK_SKEW,
        "ts",
        "the event's time, "
            + Instant.ofEpochMilli(time)
            + ", is "
            + Duration.ofMillis(Math.abs(time - written))
            + " "
            + where
            + " its record's own timestamp; input.checks."
            + setting
            + " permits "
            + permitted);
  }

  private void count(SourceRecord record, Refusal refusal, Partition partition) {
    int window = settings.refusedWindow();
    long block = record.offset() / window;
    if (block != partition.block) {
      partition.block = block;
      partition.refused = 0;
    }
    partition.refused++;
    if (partition.refused > settings.maxRefused() * window) {
      throw new SuppressRestartsException(
          new IllegalStateException(
              "too much is refused: "
                  + partition.refused
                  + " records of "
                  + record.topic()
                  + "-"
                  + record.partition()
                  + " between offsets "
                  + block * window
                  + " and "
                  + record.offset()
                  + ", more than the share of "
                  + settings.maxRefused()
                  + " of "
                  + window
                  + " that input.checks.max-refused permits; the last one because "
                  + refusal.sentence()
                  + "; repair what writes them, or raise input.checks.max-refused, and start again"
                  + " from the newest checkpoint"));
    }
  }

  private Partition partition(int number) {
    if (last == null || last.number != number) {
      last = partitions.computeIfAbsent(number, Partition::new);
    }
    return last;
  }

  /** What has been seen of each partition. */
  List<PartitionProgress> progress() {
    List<PartitionProgress> all = new ArrayList<>();
    partitions.values().forEach(partition -> all.add(partition.progress()));
    return all;
  }

  /** Goes on from what was seen of partitions. */
  void restore(Iterable<PartitionProgress> saved) {
    for (PartitionProgress progress : saved) {
      partition(progress.partition()).restore(progress);
    }
  }

  /** Of one partition, in a form that counting does not have to replace. */
  private static final class Partition {
    final int number;
    long latest = Long.MIN_VALUE;
    long block = -1;
    int refused;

    Partition(int number) {
      this.number = number;
    }

    PartitionProgress progress() {
      return new PartitionProgress(number, latest, block, refused);
    }

    void restore(PartitionProgress saved) {
      PartitionProgress both = progress().with(saved);
      latest = both.latest();
      block = both.block();
      refused = both.refused();
    }
  }
}
