package dev.samgs.deploy.predict;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.Result;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import dev.samgs.predict.Scorer;
import dev.samgs.spec.ModelSpec;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A published model in ONNX Runtime, on the caller's thread. */
public final class OnnxRuntimeScorer implements Scorer {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final int features;
  private final List<Output> outputs;
  private final int columns;

  private OnnxRuntimeScorer(OrtEnvironment environment, OrtSession session) throws OrtException {
    this.environment = environment;
    this.session = session;
    this.features = columns(session.getInputInfo().get(ModelSpec.INPUT_NAME));
    List<Output> found = new ArrayList<>();
    for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
      found.add(new Output(output.getKey(), columns(output.getValue())));
    }
    this.outputs = List.copyOf(found);
    this.columns = outputs.stream().mapToInt(Output::columns).sum();
  }

  /**
   * Loads a model.
   *
   * @param onnx the bytes of an ONNX file
   * @throws IllegalArgumentException if ONNX Runtime does not accept them
   */
  public static OnnxRuntimeScorer load(byte[] onnx) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      return new OnnxRuntimeScorer(environment, environment.createSession(onnx, options));
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "ONNX Runtime does not accept the model: " + e.getMessage(), e);
    }
  }

  private static int columns(NodeInfo node) {
    if (node == null
        || !(node.getInfo() instanceof TensorInfo tensor)
        || tensor.getShape().length != 2
        || tensor.getShape()[1] < 1) {
      throw new IllegalArgumentException(
          "the model's inputs and outputs are not matrices of rows, the input named "
              + ModelSpec.INPUT_NAME);
    }
    return Math.toIntExact(tensor.getShape()[1]);
  }

  @Override
  public int features() {
    return features;
  }

  @Override
  public List<Output> outputs() {
    return outputs;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public void score(double[] rowsOfFeatures, int rows, double[] predictions) {
    Scorer.checkLengths(this, rowsOfFeatures, rows, predictions);
    if (rows == 0) {
      return;
    }
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                environment,
                DoubleBuffer.wrap(rowsOfFeatures, 0, rows * features),
                new long[] {rows, features});
        Result result = session.run(Map.of(ModelSpec.INPUT_NAME, input))) {
      int first = 0;
      for (int o = 0; o < outputs.size(); o++) {
        int width = outputs.get(o).columns();
        DoubleBuffer values = ((OnnxTensor) result.get(o)).getDoubleBuffer();
        for (int r = 0; r < rows; r++) {
          values.get(predictions, r * columns + first, width);
        }
        first += width;
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime could not predict: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime could not unload a model", e);
    }
  }
}
