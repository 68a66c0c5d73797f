package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.deploy.cli.DeadLetterSource.Letter;
import dev.samgs.deploy.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends dead letters again. */
@Command(
    name = "replay",
    sortOptions = false,
    description = {
      "Counts the dead letters that are meant and, with --send, writes their original bytes, key and"
          + " timestamp to the topic that they come from. What was sent stays in the dead-letter"
          + " topic: sent a second time, it is learned a second time.",
      ""
    })
final class DeadLettersReplayCommand implements Callable<Integer> {
  private final Terminal out;
  private final Terminal err;

  @Mixin private DeadLetterSource source;

  @Option(names = "--send", description = "Send them; without it they are only counted.")
  private boolean send;

  @Option(
      names = "--to",
      paramLabel = "TOPIC",
      description = "Send them to this topic instead of the one that they come from.")
  private String to;

  @Option(
      names = "--partly",
      description =
          "Also those of which only labels were refused: what was right of them is then learned"
              + " twice.")
  private boolean partly;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  DeadLettersReplayCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    List<Letter> whole = new ArrayList<>();
    int cut = 0;
    int learned = 0;
    for (Letter letter : source.read()) {
      if (letter.cut()) {
        cut++;
        err.print(
            "samgs dead-letters replay: the letter at "
                + letter.place()
                + " has only a part of its "
                + letter.bytes()
                + " bytes and cannot be sent again; take the record from "
                + letter.origin());
      } else if (letter.partly() && !partly) {
        learned++;
      } else {
        whole.add(letter);
      }
    }
    if (send) {
      send(whole);
    }
    print(whole.size(), learned, cut);
    return cut == 0 ? 0 : 1;
  }

  private void send(List<Letter> letters) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            source.connection().with(Map.of("acks", "all", "max.block.ms", 15_000)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (Letter letter : letters) {
        long timestamp = Long.parseLong(letter.header(DeadLetterRecords.TIMESTAMP));
        sent.add(
            producer.send(
                new ProducerRecord<>(
                    to == null ? letter.header(DeadLetterRecords.TOPIC) : to,
                    null,
                    timestamp < 0 ? null : timestamp,
                    letter.record().key(),
                    letter.record().value())));
      }
      for (Future<RecordMetadata> confirmation : sent) {
        confirmation.get();
      }
    } catch (ExecutionException e) {
      throw new KafkaAccessException(
          "not all dead letters could be sent again",
          e,
          "look at what the topic holds before sending them once more");
    }
  }

  private void print(int count, int learned, int cut) {
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("letters", count);
      json.put("sent", send ? count : 0);
      json.put("partly", learned);
      json.put("cut", cut);
      out.print(json.toString());
      return;
    }
    out.print(
        (send ? "sent " : "would send ")
            + count
            + (count == 1 ? " dead letter to " : " dead letters to ")
            + (to == null ? "where they come from" : to)
            + (learned == 0 ? "" : "; left out " + learned + " that are learned but for labels")
            + (cut == 0 ? "" : "; left out " + cut + " that were cut")
            + (send ? "" : "; --send sends them"));
  }
}
