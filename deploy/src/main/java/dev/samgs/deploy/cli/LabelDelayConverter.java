package dev.samgs.deploy.cli;

import dev.samgs.deploy.evaluate.Evaluation;
import dev.samgs.deploy.evaluate.LabelDelay;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads delays of labels: a number of rows such as {@code 96}, or a duration such as {@code 2h}.
 */
final class LabelDelayConverter implements ITypeConverter<LabelDelay> {
  private static final Pattern ROWS = Pattern.compile("\\d{1,18}");

  @Override
  public LabelDelay convert(String value) {
    if (!ROWS.matcher(value).matches()) {
      try {
        return LabelDelay.ofTime(new DurationConverter().convert(value));
      } catch (TypeConversionException e) {
        throw new TypeConversionException(
            "'" + value + "' is neither a number of rows, like 96, nor a duration, like 2h or 1d");
      }
    }
    long rows = Long.parseLong(value);
    if (rows > Evaluation.MAX_WAITING_ROWS) {
      throw new TypeConversionException(
          "at most " + Evaluation.MAX_WAITING_ROWS + " rows can wait for their labels");
    }
    return LabelDelay.ofRows((int) rows);
  }
}
