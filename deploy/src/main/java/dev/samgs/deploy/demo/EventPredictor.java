package dev.samgs.deploy.demo;

import dev.samgs.connectors.event.JsonEventDecoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.spec.ModelSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/**
 * Predicts events as they come. Those of a model that has not been published yet wait for it. What
 * cannot be decoded is for the job to complain about.
 */
final class EventPredictor {
  private final DemoPredictor predictor;
  private final JsonEventDecoder decoder;
  private final Map<String, List<LabelledEvent>> waiting = new HashMap<>();

  EventPredictor(DemoPredictor predictor, ModelSpec spec) {
    this.predictor = predictor;
    this.decoder = new JsonEventDecoder(spec);
  }

  /** Takes records of the topic of events. */
  synchronized void take(ConsumerRecords<byte[], byte[]> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      LabelledEvent event =
          decoder
              .decode(
                  new SourceRecord(
                      record.topic(),
                      record.partition(),
                      record.offset(),
                      record.timestamp(),
                      record.key(),
                      record.value()))
              .event();
      if (event != null) {
        waiting.computeIfAbsent(event.model(), m -> new ArrayList<>()).add(event);
      }
    }
    predictWaiting();
  }

  /** Predicts the events whose model has been published by now. */
  synchronized void predictWaiting() {
    waiting.forEach(
        (model, events) -> {
          if (!events.isEmpty() && predictor.predict(model, events)) {
            events.clear();
          }
        });
  }
}
