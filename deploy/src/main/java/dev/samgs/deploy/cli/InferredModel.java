package dev.samgs.deploy.cli;

import dev.samgs.connectors.csv.CsvInference;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.surgery.SurgeryMethod;

/** The model of a recorded stream for which nobody has written a configuration. */
final class InferredModel {
  private InferredModel() {}

  /** All features and all labels of the file, with default settings. */
  static ModelSpec of(CsvStream stream, CsvInference inference) throws CommandFailure {
    if (inference.tasks().isEmpty()) {
      throw new CommandFailure(
          stream.path() + " has no label column, named y_<label>: there is nothing to learn");
    }
    return new ModelSpec(
        inference.features(),
        inference.tasks(),
        NetworkSpec.defaults(),
        LearningSpec.defaults(),
        SurgeryMethod.all().get(0).defaults(),
        DetectorMethod.all().get(0).defaults());
  }
}
