package dev.samgs.deploy.cli;

import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.CompactedTopic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which dead letters are meant. */
final class DeadLetterSource {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      defaultValue = "dead-letters",
      description = "Topic of the dead letters (default: ${DEFAULT-VALUE}).")
  private String topic;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "Only those with this reason; may be given several times.")
  private List<String> reasons = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Only those with this record key, which mostly is the model.")
  private String key;

  @Option(
      names = "--letter",
      paramLabel = "PARTITION:OFFSET",
      description = "Only the one at this place of the topic; may be given several times.")
  private List<String> places = new ArrayList<>();

  /** A dead letter as it lies in its topic. */
  record Letter(ConsumerRecord<byte[], byte[]> record) {
    /** A header's text; null without it. */
    String header(String name) {
      Header header = record.headers().lastHeader(name);
      return header == null || header.value() == null
          ? null
          : new String(header.value(), StandardCharsets.UTF_8);
    }

    String reason() {
      return header(DeadLetterRecords.REASON);
    }

    String key() {
      return record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
    }

    /** Where it lies. */
    String place() {
      return record.partition() + ":" + record.offset();
    }

    /** Where it comes from. */
    String origin() {
      return header(DeadLetterRecords.TOPIC)
          + "-"
          + header(DeadLetterRecords.PARTITION)
          + "@"
          + header(DeadLetterRecords.OFFSET);
    }

    /** Whether the rest of the event was learned. */
    boolean partly() {
      return "true".equals(header(DeadLetterRecords.PARTLY));
    }

    /** Whether not all of the original bytes are there. */
    boolean cut() {
      return header(DeadLetterRecords.VALUE_LENGTH) != null
          || header(DeadLetterRecords.KEY_LENGTH) != null;
    }

    /** Bytes of the original value. */
    long bytes() {
      String cutFrom = header(DeadLetterRecords.VALUE_LENGTH);
      return cutFrom != null
          ? Long.parseLong(cutFrom)
          : record.value() == null ? 0 : record.value().length;
    }
  }

  KafkaConnection connection() throws IOException {
    return kafka.connection();
  }

  String topic() {
    return topic;
  }

  /** Those that are meant, in the order of partitions and offsets; others of the topic, none. */
  List<Letter> read() throws IOException {
    List<String> codes = Arrays.stream(RefusalReason.values()).map(RefusalReason::code).toList();
    for (String reason : reasons) {
      if (!codes.contains(reason)) {
        throw usage("there is no reason '" + reason + "'; the reasons are " + joined(codes));
      }
    }
    for (String place : places) {
      if (!place.matches("\\d{1,9}:\\d{1,18}")) {
        throw usage("--letter must be PARTITION:OFFSET, as list shows it, not '" + place + "'");
      }
    }
    List<Letter> letters = new ArrayList<>();
    CompactedTopic.read(
        kafka.connection(),
        topic,
        record -> {
          Letter letter = new Letter(record);
          if (isMeant(letter)) {
            letters.add(letter);
          }
        });
    letters.sort(
        (a, b) ->
            a.record().partition() == b.record().partition()
                ? Long.compare(a.record().offset(), b.record().offset())
                : Integer.compare(a.record().partition(), b.record().partition()));
    return letters;
  }

  private boolean isMeant(Letter letter) {
    return letter.reason() != null
        && letter.header(DeadLetterRecords.TOPIC) != null
        && (reasons.isEmpty() || reasons.contains(letter.reason()))
        && (key == null || key.equals(letter.key()))
        && (places.isEmpty() || places.contains(letter.place()));
  }

  private static String joined(List<String> words) {
    return words.stream().collect(Collectors.joining(", "));
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }
}
