package dev.samgs.connectors.event;

/** Reads events of one format. Not safe for use by several threads: every subtask makes its own. */
public interface EventDecoder {
  /** Decodes one record. Bad data is refused in the result; nothing is thrown for it. */
  Decoded decode(SourceRecord record);
}
