package dev.samgs.connectors.csv;

/**
 * A CSV file that cannot be read as a stream. The message names the file, and the line if known.
 */
public final class CsvFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CsvFileException(String message) {
    super(message);
  }

  CsvFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
