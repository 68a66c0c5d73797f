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

  /** Position of the first byte that is not UTF-8; −1 if all are. */
  int firstInvalid(byte[] bytes) {
    return ascii(bytes) ? -1 : firstUndecodable(bytes);
  }

  private static boolean ascii(byte[] bytes) {
    int bits = 0;
    for (byte b : bytes) {
      bits |= b;
    }
    return bits >= 0;
  }

  private int firstUndecodable(byte[] bytes) {
    decoder.reset();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result;
    do {
      chars.clear();
      result = decoder.decode(in, chars, true);
    } while (result.isOverflow());
    return result.isError() ? in.position() : -1;
  }
}
