package dev.samgs.connectors.csv;

import dev.samgs.learn.Row;

/**
 * One data row of a file.
 *
 * @param line line of the file on which it begins, from 1
 * @param key null if the file has no such column, or the cell is empty
 */
public record CsvRow(long line, String key, Row row) {}
