package dev.samgs.job.operator;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.EventDecoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.flink.ConnectorTypes;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.spec.ModelSpec;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Decodes records. What is refused, whole or in part, goes to {@link #DEAD_LETTERS} with its bytes.
 */
public final class DecodeFunction extends ProcessFunction<SourceRecord, TrainingRow> {
  private static final long serialVersionUID = 1L;

  /** Records that were refused, whole or in part. */
  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", ConnectorTypes.DEAD_LETTER);

  private final ModelSpec spec;
  private final InputSettings input;
  private final MetricsSettings settings;

  private transient EventDecoder decoder;
  private transient SharedMetrics.Lease metrics;
  private transient Counter events;
  private transient Map<RefusalReason, Counter> refused;

  public DecodeFunction(ModelSpec spec, InputSettings input, MetricsSettings settings) {
    this.spec = spec;
    this.input = input;
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) {
    decoder = input.format().decoder(spec, input.defaultModel());
    metrics = SharedMetrics.lease(settings);
    events =
        Counter.builder("samgs.events")
            .description("Events decoded and sent to training")
            .register(metrics.registry());
    refused = new EnumMap<>(RefusalReason.class);
    for (RefusalReason reason : RefusalReason.values()) {
      refused.put(
          reason,
          Counter.builder("samgs.dead.letters")
              .description("Records refused, whole or in part, by the first reason")
              .tag("reason", reason.code())
              .register(metrics.registry()));
    }
  }

  @Override
  public void processElement(SourceRecord record, Context context, Collector<TrainingRow> out) {
    Decoded decoded = decoder.decode(record);
    DeadLetter letter = decoded.deadLetter(record);
    if (letter != null) {
      refused.get(letter.refusals().get(0).reason()).increment();
      context.output(DEAD_LETTERS, letter);
    }
    LabelledEvent event = decoded.event();
    if (event != null) {
      events.increment();
      out.collect(new TrainingRow(event.model(), record.partition(), record.offset(), event.row()));
    }
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
