package dev.samgs.deploy.predict;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.Result;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.samgs.spec.ModelSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/** A published model in ONNX Runtime. Safe for use by several threads until it is closed. */
public final class OnnxModel implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;

  private OnnxModel(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  /**
   * Loads a model.
   *
   * @param onnx the bytes of an ONNX file
   * @throws OrtException if ONNX Runtime does not accept them
   */
  public static OnnxModel load(byte[] onnx) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      return new OnnxModel(environment, environment.createSession(onnx, options));
    }
  }

  /**
   * Predicts rows.
   *
   * @param features {@code rows × features}, in the order of the specification; NaN where a value
   *     is missing
   * @return for each task, {@code rows × outputs}, see {@link dev.samgs.snapshot.OnnxEncoder}
   */
  public Map<String, double[][]> predict(double[][] features) throws OrtException {
    try (OnnxTensor input = OnnxTensor.createTensor(environment, features);
        Result result = session.run(Map.of(ModelSpec.INPUT_NAME, input))) {
      Map<String, double[][]> outputs = new LinkedHashMap<>();
      result.forEach(
          output -> outputs.put(output.getKey(), value(output.getKey(), output.getValue())));
      return outputs;
    }
  }

  private static double[][] value(String name, ai.onnxruntime.OnnxValue value) {
    try {
      return (double[][]) value.getValue();
    } catch (OrtException e) {
      throw new IllegalStateException("output '" + name + "' of the model cannot be read", e);
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
