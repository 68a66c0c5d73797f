package dev.samgs.deploy.cli;

import dev.samgs.spec.TaskKind;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a kind of task in lower case. */
final class TaskKindConverter implements ITypeConverter<TaskKind> {
  @Override
  public TaskKind convert(String value) {
    return switch (value) {
      case "regression" -> TaskKind.REGRESSION;
      case "binary" -> TaskKind.BINARY;
      case "multiclass" -> TaskKind.MULTICLASS;
      default ->
          throw new TypeConversionException(
              "the kind must be regression, binary or multiclass, not '" + value + "'");
    };
  }
}
