package dev.samgs.connectors.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.connectors.csv.CsvReplay.Result;
import dev.samgs.connectors.csv.CsvReplay.Settings;
import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.EventDecoder;
import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.TopicReader;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CsvReplayIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();

  @TempDir private Path folder;
  private CsvStream file;
  private final List<String> complaints = new ArrayList<>();

  @BeforeEach
  void writeFile() throws IOException {
    StringBuilder text = new StringBuilder("ts,key,f_a,f_b,y_n,y_c\n");
    for (int i = 0; i < 3000; i++) {
      text.append(1_000_000 + i)
          .append(i % 2 == 0 ? ",even," : ",odd,")
          .append(i / 7.0)
          .append(i % 5 == 0 ? ",," : ",1,")
          .append(i)
          .append(',')
          .append(i % 3)
          .append('\n');
    }
    text.append("1003000,even,broken,1,1,1\n1003001,even,1,1,broken,1\n");
    file = CsvStream.open(Files.writeString(folder.resolve("run.csv"), text));
  }

  private static void createTopic(String name, int partitions) {
    Topics.prepare(BROKER.connection(), List.of(TopicPlan.events(name, partitions, 1)));
  }

  private List<Decoded> decoded(EventFormat format, List<ConsumerRecord<byte[], byte[]>> records) {
    CsvInference inference = file.infer(Map.of(), complaint -> {});
    EventDecoder decoder =
        format.decoder(
            new ModelSpec(
                inference.features(),
                inference.tasks(),
                NetworkSpec.defaults(),
                LearningSpec.defaults(),
                SurgeryMethod.all().get(0).defaults(),
                DetectorMethod.all().get(0).defaults()),
            null);
    return records.stream()
        .map(
            r ->
                decoder.decode(
                    new SourceRecord(
                        r.topic(), r.partition(), r.offset(), r.timestamp(), r.key(), r.value())))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(EventFormat.class)
  void everyUsableRowArrivesOnceInOrderAndAsItWas(EventFormat format) {
    String topic = "all-" + format;
    createTopic(topic, 4);
    long[] progress = new long[1];
    Result result =
        CsvReplay.send(
            BROKER.connection(),
            file,
            new Settings(topic, format, "line-1", 0, TimestampUnit.S),
            sent -> progress[0] = sent,
            complaints::add);
    assertThat(result).isEqualTo(new Result(3001, 1, 1));
    assertThat(progress[0]).isEqualTo(3001);
    assertThat(complaints).hasSize(2);

    List<ConsumerRecord<byte[], byte[]>> records =
        TopicReader.committed(BROKER.connection(), topic);
    assertThat(records).hasSize(3001);
    assertThat(records)
        .extracting(ConsumerRecord::partition)
        .containsOnly(records.get(0).partition());
    assertThat(records.get(0).key()).isEqualTo("line-1".getBytes(StandardCharsets.UTF_8));
    List<Decoded> events = decoded(format, records);
    assertThat(events).allMatch(d -> d.refusals().isEmpty());
    try (CsvRows rows =
        file.rows(
            file.features(), CsvStream.numbers(file.labels()), TimestampUnit.S, complaint -> {})) {
      for (Decoded event : events) {
        CsvRow row = rows.next();
        assertThat(event.event().model()).isEqualTo("line-1");
        assertThat(event.event().key()).isEqualTo(row.key());
        assertThat(event.event().eventId()).isEqualTo("run.csv:" + row.line());
        assertThat(event.event().row().timestamp()).isEqualTo(row.row().timestamp());
        assertThat(event.event().row().features()).isEqualTo(row.row().features());
        assertThat(event.event().row().labels()).isEqualTo(row.row().labels());
      }
    }
  }

  @Test
  void theKeyColumnCanNameTheModels() {
    createTopic("by-key", 2);
    CsvReplay.send(
        BROKER.connection(),
        file,
        new Settings("by-key", EventFormat.JSON, null, 0, TimestampUnit.ROW),
        sent -> {},
        complaints::add);
    List<Decoded> events =
        decoded(EventFormat.JSON, TopicReader.committed(BROKER.connection(), "by-key"));
    assertThat(events.stream().filter(d -> d.event().model().equals("even"))).hasSize(1501);
    assertThat(events.stream().filter(d -> d.event().model().equals("odd"))).hasSize(1500);
  }

  @Test
  void aKeyThatIsNoModelNameLeavesItsRowOut() throws IOException {
    createTopic("bad-key", 1);
    CsvStream bad =
        CsvStream.open(
            Files.writeString(folder.resolve("bad.csv"), "key,f_a\ngood,1\n\"a b\",2\n,3\n"));
    Result result =
        CsvReplay.send(
            BROKER.connection(),
            bad,
            new Settings("bad-key", EventFormat.JSON, null, 0, TimestampUnit.ROW),
            sent -> {},
            complaints::add);
    assertThat(result).isEqualTo(new Result(1, 2, 0));
    assertThat(complaints.get(0)).contains("bad.csv:3: the key 'a b', but as a model name it must");
    assertThat(complaints.get(1)).contains("bad.csv:4: the key is empty, but as a model name");
  }

  @Test
  void theRateIsHeld() {
    createTopic("slow", 1);
    long start = System.nanoTime();
    List<Long> seconds = new ArrayList<>();
    CsvReplay.send(
        BROKER.connection(),
        file,
        new Settings("slow", EventFormat.JSON, "m", 2000, TimestampUnit.ROW),
        sent -> seconds.add(System.nanoTime() - start),
        complaint -> {});
    // The last of 3001 rows is due after 1.5 s.
    assertThat(seconds.get(3000)).isGreaterThan(1_490_000_000L);
    assertThat(seconds).hasSize(3001);
  }

  @Test
  void anInterruptEndsTheReplayAfterWhatIsUnderWay() {
    createTopic("interrupted", 1);
    Result result =
        CsvReplay.send(
            BROKER.connection(),
            file,
            new Settings("interrupted", EventFormat.JSON, "m", 0, TimestampUnit.ROW),
            sent -> {
              if (sent == 100) {
                Thread.currentThread().interrupt();
              }
            },
            complaint -> {});
    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.sent()).isEqualTo(100);
    assertThat(TopicReader.committed(BROKER.connection(), "interrupted")).hasSize(100);
  }

  @Test
  void aTopicThatIsNotThereIsNamed() {
    KafkaConnection impatient =
        new KafkaConnection(BROKER.connection().bootstrapServers(), Map.of("max.block.ms", "1000"));
    assertThatThrownBy(
            () ->
                CsvReplay.send(
                    impatient,
                    file,
                    new Settings("nowhere", EventFormat.JSON, "m", 0, TimestampUnit.ROW),
                    sent -> {},
                    complaint -> {}))
        .isInstanceOf(KafkaAccessException.class)
        .hasMessageContaining("does not take rows for nowhere: ")
        .hasMessageContaining("check the bootstrap servers, the topic and the permission");
  }
}
