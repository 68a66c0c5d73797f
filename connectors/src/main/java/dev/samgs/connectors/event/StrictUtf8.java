package dev.samgs.connectors.event;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Says whether bytes are UTF-8 without exception: no overlong forms, no surrogates, nothing cut
 * off. The JSON parser alone lets some of these pass.
 */
final class StrictUtf8 {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final CharBuffer chars = CharBuffer.allocate(1024);

  /** Position of the first byte of a range that is not UTF-8; −1 if all are. */
  int firstInvalid(byte[] bytes, int from, int to) {
    return ascii(bytes, from, to) ? -1 : firstUndecodable(bytes, from, to);
  }

  private static boolean ascii(byte[] bytes, int from, int to) {
    int bits = 0;
    for (int i = from; i < to; i++) {
      bits |= bytes[i];
    }
    return bits >= 0;
  }

  private int firstUndecodable(byte[] bytes, int from, int to) {
    decoder.reset();
    ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
    CoderResult result;
    do {
      chars.clear();
      result = decoder.decode(in, chars, true);
    } while (result.isOverflow());
    return result.isError() ? in.position() : -1;
  }
}
