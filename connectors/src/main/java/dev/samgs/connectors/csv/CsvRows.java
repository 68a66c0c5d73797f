package dev.samgs.connectors.csv;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.samgs.connectors.csv.CsvColumns.RejectedRowException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.zip.ZipException;

/** One pass over the rows of a file. Not safe for use by several threads. */
public final class CsvRows implements AutoCloseable {
  private final Path path;
  private final CsvReader<CsvRecord> reader;
  private final Iterator<CsvRecord> records;
  private final CsvColumns columns;
  private final Consumer<String> complaints;
  private long line;
  private long position;
  private long rejected;
  private long refusedLabels;

  CsvRows(Path path, CsvReader<CsvRecord> reader, CsvColumns columns, Consumer<String> complaints) {
    this.path = path;
    this.reader = reader;
    this.records = reader.iterator();
    this.columns = columns;
    this.complaints = complaints;
    nextRecord();
  }

  /**
   * The next row that can be used; null at the end of the file.
   *
   * @throws CsvFileException if the file cannot be read any further
   */
  public CsvRow next() {
    for (CsvRecord record = nextRecord(); record != null; record = nextRecord()) {
      try {
        return columns.row(line, position++, record.getFields(), this::refuseLabel);
      } catch (RejectedRowException e) {
        rejected++;
        complaints.accept(path + ":" + line + ": " + e.getMessage() + "; the row is left out");
      }
    }
    return null;
  }

  private CsvRecord nextRecord() {
    try {
      if (!records.hasNext()) {
        return null;
      }
      CsvRecord record = records.next();
      line = record.getStartingLineNumber();
      return record;
    } catch (RuntimeException e) {
      throw problem(path, line, e);
    }
  }

  private void refuseLabel(String problem) {
    refusedLabels++;
    complaints.accept(path + ":" + line + ": " + problem + "; the label counts as unknown");
  }

  /** Data rows so far that could not be used. */
  public long rejected() {
    return rejected;
  }

  /** Labels so far that could not be used; the rest of their rows was. */
  public long refusedLabels() {
    return refusedLabels;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw problem(path, line, e);
    }
  }

  /** What went wrong with a file, in a sentence. */
  static CsvFileException problem(Path path, long lastLine, Exception e) {
    if (e instanceof CsvFileException known) {
      return known;
    }
    Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
    while (!(cause instanceof IOException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String at = lastLine == 0 ? path + ": " : path + ": after line " + lastLine + ": ";
    String what =
        cause instanceof EOFException
            ? "the compressed file ends in the middle; fetch it again"
            : cause instanceof ZipException
                ? "the compressed file is damaged (" + cause.getMessage() + "); fetch it again"
                : cause instanceof CharacterCodingException
                    ? "the file is not valid UTF-8; convert it"
                    : "the file cannot be read: " + cause.getMessage();
    return new CsvFileException(at + what, e);
  }
}
