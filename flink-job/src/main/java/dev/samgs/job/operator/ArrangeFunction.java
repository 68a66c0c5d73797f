package dev.samgs.job.operator;

import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.job.config.CheckSettings.Duplicates;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import io.micrometer.core.instrument.Counter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Puts the rows of a model in the order of event time, partition and offset, and refuses events
 * that were there before.
 *
 * <p>A row waits until the watermark has passed its time. No row that the decoder lets through
 * comes behind the watermark of its partition, so that what is learned, and in which order, is a
 * function of the events. Only a partition that was silent for so long that the others no longer
 * waited may still hold rows of a time that is over; these are late.
 */
public final class ArrangeFunction extends KeyedProcessFunction<String, Candidate, TrainingRow> {
  private static final long serialVersionUID = 1L;

  private static final Comparator<Candidate> PLACE =
      Comparator.comparingInt((Candidate c) -> c.row().partition())
          .thenComparingLong(c -> c.row().offset());

  private final boolean ordered;
  private final boolean unique;
  private final int remembered;
  private final MetricsSettings settings;

  private transient SharedMetrics.Lease metrics;
  private transient Counter late;
  private transient Counter duplicates;

  /** Rows that wait, by event time. */
  private transient MapState<Long, List<Candidate>> waiting;

  /** Event time up to which rows have gone on. */
  private transient ValueState<Long> passed;

  /** The remembered event ids, by their number and the other way round. */
  private transient MapState<Long, String> ids;

  private transient MapState<String, Long> numbers;
  private transient ValueState<Long> next;

  public ArrangeFunction(InputSettings input, MetricsSettings settings) {
    this.ordered = input.ordering() == Ordering.EVENT_TIME;
    this.unique = input.checks().duplicates() == Duplicates.REFUSE;
    this.remembered = input.checks().remembered();
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) {
    metrics = SharedMetrics.lease(settings);
    late = DecodeFunction.refusals(RefusalReason.LATE, metrics.registry());
    duplicates = DecodeFunction.refusals(RefusalReason.DUPLICATE_EVENT, metrics.registry());
    waiting =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("waiting", Types.LONG, Types.LIST(Candidate.TYPE)));
    passed = getRuntimeContext().getState(new ValueStateDescriptor<>("passed", Types.LONG));
    ids =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("event-ids", Types.LONG, Types.STRING));
    numbers =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("event-numbers", Types.STRING, Types.LONG));
    next = getRuntimeContext().getState(new ValueStateDescriptor<>("next-event", Types.LONG));
  }

  @Override
  public void processElement(Candidate candidate, Context context, Collector<TrainingRow> out)
      throws Exception {
    if (candidate.row().retires()) {
      retire(candidate, context, out);
    } else if (ordered) {
      wait(candidate, context);
    } else {
      pass(candidate, context, out);
    }
  }

  private void wait(Candidate candidate, Context context) throws Exception {
    long time = candidate.row().row().timestamp();
    Long over = passed.value();
    if (over != null && time <= over) {
      late.increment();
      context.output(
          DecodeFunction.DEAD_LETTERS,
          candidate.refused(
              RefusalReason.LATE,
              "ts",
              "the model has gone on to "
                  + Instant.ofEpochMilli(over)
                  + " while the event's partition was silent for longer than input.partition-idle;"
                  + " the event's time is "
                  + Instant.ofEpochMilli(time)));
      return;
    }
    List<Candidate> same = waiting.get(time);
    List<Candidate> all = same == null ? new ArrayList<>(1) : new ArrayList<>(same);
    all.add(candidate);
    waiting.put(time, all);
    context.timerService().registerEventTimeTimer(time);
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<TrainingRow> out)
      throws Exception {
    release(time, context, out);
    passed.update(time);
  }

  private void release(long time, Context context, Collector<TrainingRow> out) throws Exception {
    List<Candidate> same = new ArrayList<>(waiting.get(time));
    waiting.remove(time);
    same.sort(PLACE);
    for (Candidate candidate : same) {
      pass(candidate, context, out);
    }
  }

  private void pass(Candidate candidate, Context context, Collector<TrainingRow> out)
      throws Exception {
    if (unique && candidate.eventId() != null && !isNew(candidate.eventId())) {
      duplicates.increment();
      context.output(
          DecodeFunction.DEAD_LETTERS,
          candidate.refused(
              RefusalReason.DUPLICATE_EVENT,
              "eventId",
              "the model had an event of this id before, among the latest "
                  + remembered
                  + " that input.checks.remembered keeps"));
    } else {
      out.collect(candidate.row());
    }
  }

  /** Notes an event id; false if it is remembered already. */
  private boolean isNew(String id) throws Exception {
    if (numbers.contains(id)) {
      return false;
    }
    Long number = next.value() == null ? Long.valueOf(0) : next.value();
    long forgotten = number - remembered;
    String oldest = forgotten < 0 ? null : ids.get(forgotten);
    if (oldest != null) {
      ids.remove(forgotten);
      numbers.remove(oldest);
    }
    ids.put(number, id);
    numbers.put(id, number);
    next.update(number + 1);
    return true;
  }

  /** What waits goes on first; then nothing is left of the model. */
  private void retire(Candidate word, Context context, Collector<TrainingRow> out)
      throws Exception {
    List<Long> times = new ArrayList<>();
    waiting.keys().forEach(times::add);
    times.sort(null);
    for (long time : times) {
      context.timerService().deleteEventTimeTimer(time);
      release(time, context, out);
    }
    waiting.clear();
    passed.clear();
    ids.clear();
    numbers.clear();
    next.clear();
    out.collect(word.row());
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
