package dev.samgs.job;

import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.EventDecoder;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.job.config.CheckSettings;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.job.operator.EventChecks;
import dev.samgs.spec.ModelSpec;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/** How far event time is. Only where events are put in its order does anybody have to know. */
final class EventTimes {
  private EventTimes() {}

  /**
   * Of the input: each partition by itself, as far as the decoder will let its events through. The
   * source has to read an event for that, and the decoder reads it again.
   */
  static WatermarkStrategy<SourceRecord> of(InputSettings input, ModelSpec spec) {
    return input.ordering() == Ordering.ARRIVAL
        ? WatermarkStrategy.noWatermarks()
        : WatermarkStrategy.<SourceRecord>forBoundedOutOfOrderness(input.lateness())
            .withTimestampAssigner(
                context -> new Assigner(input.format().decoder(spec, input.defaultModel()), input))
            .withIdleness(input.partitionIdle());
  }

  /** Of the commands: nobody waits for one. */
  static WatermarkStrategy<SourceRecord> ofCommands() {
    return WatermarkStrategy.forGenerator(context -> new Over());
  }

  private record Assigner(EventDecoder decoder, CheckSettings checks)
      implements TimestampAssigner<SourceRecord> {
    Assigner(EventDecoder decoder, InputSettings input) {
      this(decoder, input.checks());
    }

    @Override
    public long extractTimestamp(SourceRecord record, long recordTimestamp) {
      Decoded decoded = decoder.decode(record);
      return decoded.event() == null
              || EventChecks.skew(record, decoded.event().row().timestamp(), checks) != null
          ? Long.MIN_VALUE
          : decoded.event().row().timestamp();
    }
  }

  /** As late as can be without saying that the input has ended. */
  private static final class Over implements WatermarkGenerator<SourceRecord> {
    @Override
    public void onEvent(SourceRecord record, long timestamp, WatermarkOutput output) {}

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      output.emitWatermark(new Watermark(Long.MAX_VALUE - 1));
    }
  }
}
