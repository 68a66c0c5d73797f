package dev.samgs.snapshot;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.Result;
import dev.samgs.spec.ModelSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/** An encoded model in ONNX Runtime, as a stranger's predictor would hold it. */
final class OnnxModel implements AutoCloseable {
  private final OrtSession session;

  OnnxModel(byte[] bytes) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = OrtEnvironment.getEnvironment().createSession(bytes, options);
    }
  }

  /** Outputs by name, in the model's order, {@code rows × outputs} each. */
  Map<String, double[][]> predict(double[]... features) throws OrtException {
    try (OnnxTensor input = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), features);
        Result result = session.run(Map.of(ModelSpec.INPUT_NAME, input))) {
      Map<String, double[][]> outputs = new LinkedHashMap<>();
      for (Map.Entry<String, ?> output : result) {
        outputs.put(
            output.getKey(), (double[][]) result.get(output.getKey()).orElseThrow().getValue());
      }
      return outputs;
    }
  }

  Map<String, String> metadata() throws OrtException {
    return session.getMetadata().getCustomMetadata();
  }

  OrtSession session() {
    return session;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
