package dev.samgs.deploy.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A dead letter as the page shows it: where it came from, what was wrong, and how it begins. */
final class LetterJson {
  private static final int SHOWN_BYTES = 400;
  private static final int LONGEST_SENTENCE = 400;

  private LetterJson() {}

  static ObjectNode of(ConsumerRecord<byte[], byte[]> record, Map<String, String> headers) {
    ObjectNode letter = BoardJson.MAPPER.createObjectNode();
    letter.put("at", record.timestamp());
    letter.put("topic", headers.get(DeadLetterRecords.TOPIC));
    letter.put("partition", headers.get(DeadLetterRecords.PARTITION));
    letter.put("offset", headers.get(DeadLetterRecords.OFFSET));
    letter.put("reason", headers.get(DeadLetterRecords.REASON));
    letter.put("partly", "true".equals(headers.get(DeadLetterRecords.PARTLY)));
    String detail = headers.getOrDefault(DeadLetterRecords.DETAIL, "");
    letter.put(
        "detail",
        detail.length() <= LONGEST_SENTENCE ? detail : detail.substring(0, LONGEST_SENTENCE) + "…");
    letter.put("key", shown(record.key()));
    letter.put("value", shown(record.value()));
    String whole = headers.get(DeadLetterRecords.VALUE_LENGTH);
    letter.put(
        "bytes",
        whole != null
            ? whole
            : Integer.toString(record.value() == null ? 0 : record.value().length));
    return letter;
  }

  /** The first bytes: as text if they are UTF-8 without control characters, else hexadecimal. */
  private static String shown(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    String rest = bytes.length > SHOWN_BYTES ? "…" : "";
    // A character of UTF-8 has four bytes at most; the cut may lie inside of one.
    for (int cut = 0; cut < 4; cut++) {
      int length = Math.min(bytes.length, SHOWN_BYTES - cut);
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, 0, length))
                .toString();
        if (text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
          return text + rest;
        }
        break;
      } catch (CharacterCodingException e) {
        if (bytes.length <= SHOWN_BYTES) {
          break;
        }
      }
    }
    return "0x" + HexFormat.of().formatHex(Arrays.copyOf(bytes, Math.min(64, bytes.length))) + rest;
  }
}
