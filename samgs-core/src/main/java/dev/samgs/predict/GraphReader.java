package dev.samgs.predict;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * Turns an ONNX graph into steps, once, when a model is loaded. Knows the operators that {@link
 * dev.samgs.snapshot.OnnxEncoder} writes; what depends on constants only is computed here.
 */
final class GraphReader {
  private static final int SINGLE_ROW = 1;

  private final Map<String, TensorProto> tensors = new HashMap<>();
  private final Map<String, Slot> slots = new HashMap<>();
  private final List<Slot> all = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final Workspace constants;
  private final GraphProto graph;
  private final Slot input;

  private GraphReader(GraphProto graph) {
    this.graph = graph;
    this.constants =
        new Workspace(graph.getNodeCount() + graph.getInitializerCount() + graph.getInputCount());
    graph.getInitializerList().forEach(tensor -> tensors.put(tensor.getName(), tensor));
    if (graph.getInputCount() != 1) {
      throw unreadable("it has " + graph.getInputCount() + " inputs instead of one");
    }
    ValueInfoProto features = graph.getInput(0);
    if (features.getType().getTensorType().getElemType() != DataType.DOUBLE.getNumber()) {
      throw unreadable("its input is not of doubles");
    }
    this.input = add(features.getName(), false, columns(features), true);
    graph.getNodeList().forEach(this::add);
  }

  /**
   * The graph of a model.
   *
   * @throws IllegalArgumentException if it is not one that we know to evaluate
   */
  static GraphReader read(byte[] onnx) {
    try {
      return new GraphReader(ModelProto.parseFrom(onnx).getGraph());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "these " + onnx.length + " bytes are not an ONNX model: " + e.getMessage(), e);
    } catch (IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException e) {
      throw new IllegalArgumentException(
          "the ONNX model is damaged: an operator has not what it needs (" + e.getMessage() + ")",
          e);
    }
  }

  Slot input() {
    return input;
  }

  /** Slots of the outputs, in the order of the graph. */
  Slot[] outputs() {
    return graph.getOutputList().stream()
        .map(output -> slot(output.getName()))
        .toArray(Slot[]::new);
  }

  List<Scorer.Output> outputNames() {
    return graph.getOutputList().stream()
        .map(output -> new Scorer.Output(output.getName(), slot(output.getName()).columns()))
        .toList();
  }

  /** What has to be done for each block of rows, in this order. */
  Step[] steps() {
    return steps.toArray(Step[]::new);
  }

  /** A workspace for so many rows. */
  Workspace workspace(int rows) {
    return constants.withRoom(all, rows);
  }

  private static int columns(ValueInfoProto value) {
    var shape = value.getType().getTensorType().getShape();
    if (shape.getDimCount() != 2 || shape.getDim(1).getDimValue() < 1) {
      throw unreadable("'" + value.getName() + "' is not a matrix of rows");
    }
    return Math.toIntExact(shape.getDim(1).getDimValue());
  }

  private void add(NodeProto node) {
    switch (node.getOpType()) {
      case "Identity" -> unary(node, false, x -> x);
      case "Relu" -> unary(node, false, x -> Math.max(0, x));
      case "Tanh" -> unary(node, false, Math::tanh);
      case "Log" -> unary(node, false, Math::log);
      case "Sigmoid" -> unary(node, false, x -> 1 / (1 + Math.exp(-x)));
      case "IsNaN" -> unary(node, false, x -> Double.isNaN(x) ? 1 : 0);
      case "Clip" -> clip(node);
      case "Cast" -> cast(node);
      case "Add" -> binary(node, Double::sum);
      case "Sub" -> binary(node, (a, b) -> a - b);
      case "Mul" -> binary(node, (a, b) -> a * b);
      case "Div" -> binary(node, (a, b) -> a / b);
      case "Or" -> binary(node, (a, b) -> a != 0 || b != 0 ? 1 : 0);
      case "Where" -> choose(node);
      case "Softmax" -> softmax(node);
      case "Gemm" -> product(node);
      default -> throw unreadable("it has the operator " + node.getOpType());
    }
  }

  private void unary(NodeProto node, boolean cast, DoubleUnaryOperator operator) {
    refuseAttributes(node, cast ? 1 : 0);
    Slot from = slot(node.getInput(0));
    boolean single =
        cast ? node.getAttribute(0).getI() == DataType.FLOAT.getNumber() : from.single();
    Slot to = add(node.getOutput(0), single, from.columns(), from.perRow());
    add(Step.unary(operator, from, to), to);
  }

  private void clip(NodeProto node) {
    double smallest = number(node.getInput(1));
    double largest = number(node.getInput(2));
    unary(node, false, x -> Math.min(largest, Math.max(smallest, x)));
  }

  private void cast(NodeProto node) {
    if (node.getAttributeCount() != 1
        || (node.getAttribute(0).getI() != DataType.FLOAT.getNumber()
            && node.getAttribute(0).getI() != DataType.DOUBLE.getNumber())) {
      throw unreadable("it casts to something else than float and double");
    }
    unary(node, true, x -> x);
  }

  private void binary(NodeProto node, DoubleBinaryOperator operator) {
    refuseAttributes(node, 0);
    Slot left = slot(node.getInput(0));
    Slot right = slot(node.getInput(1));
    if (left.single() != right.single()) {
      throw unreadable(node.getOpType() + " mixes float and double");
    }
    Slot to =
        add(
            node.getOutput(0),
            left.single(),
            columns(left, right),
            left.perRow() || right.perRow());
    add(Step.binary(operator, left, right, to), to);
  }

  private void choose(NodeProto node) {
    refuseAttributes(node, 0);
    Slot condition = slot(node.getInput(0));
    Slot ifTrue = slot(node.getInput(1));
    Slot otherwise = slot(node.getInput(2));
    Slot to =
        add(
            node.getOutput(0),
            false,
            Math.max(columns(condition, ifTrue), columns(condition, otherwise)),
            condition.perRow() || ifTrue.perRow() || otherwise.perRow());
    add(Step.choose(condition, ifTrue, otherwise, to), to);
  }

  private void softmax(NodeProto node) {
    refuseAttributes(node, 0);
    Slot from = slot(node.getInput(0));
    if (from.single()) {
      throw unreadable("Softmax is of floats");
    }
    Slot to = add(node.getOutput(0), false, from.columns(), from.perRow());
    add(Step.softmax(from, to), to);
  }

  private void product(NodeProto node) {
    boolean transposed =
        node.getAttributeCount() == 1
            && node.getAttribute(0).getName().equals("transB")
            && node.getAttribute(0).getI() == 1;
    Slot from = slot(node.getInput(0));
    TensorProto weights = tensors.get(node.getInput(1));
    Slot addend = slot(node.getInput(2));
    if (!transposed
        || weights == null
        || weights.getDimsCount() != 2
        || weights.getDims(1) != from.columns()
        || !from.perRow()) {
      throw unreadable("Gemm is not of rows and a constant matrix of weights");
    }
    int outputs = Math.toIntExact(weights.getDims(0));
    Slot to = add(node.getOutput(0), from.single(), outputs, true);
    columns(addend, to);
    add(
        from.single()
            ? Step.product(from, transposed(floats(weights), outputs), addend, to)
            : Step.product(from, transposed(doubles(weights), outputs), addend, to),
        to);
  }

  /** Runs the step now if its result is constant, and for each block of rows otherwise. */
  private void add(Step step, Slot to) {
    if (to.perRow()) {
      steps.add(step);
    } else {
      constants.allocate(to, SINGLE_ROW);
      step.run(constants, SINGLE_ROW);
    }
  }

  private Slot add(String name, boolean single, int columns, boolean perRow) {
    Slot slot = new Slot(all.size(), single, columns, perRow);
    all.add(slot);
    slots.put(name, slot);
    return slot;
  }

  private static int columns(Slot one, Slot other) {
    int columns = Math.max(one.columns(), other.columns());
    if ((one.columns() != 1 && one.columns() != columns)
        || (other.columns() != 1 && other.columns() != columns)) {
      throw unreadable(
          "values of " + one.columns() + " and " + other.columns() + " columns are combined");
    }
    return columns;
  }

  private Slot slot(String name) {
    Slot slot = slots.get(name);
    if (slot != null) {
      return slot;
    }
    TensorProto tensor = tensors.get(name);
    if (tensor == null || tensor.getDimsCount() > 1) {
      throw unreadable("'" + name + "' is used as a row, but is none");
    }
    boolean single = tensor.getDataType() == DataType.FLOAT.getNumber();
    int columns = tensor.getDimsCount() == 0 ? 1 : Math.toIntExact(tensor.getDims(0));
    slot = add(name, single, columns, false);
    if (single) {
      constants.floats[slot.index()] = floats(tensor);
    } else {
      constants.doubles[slot.index()] = doubles(tensor);
    }
    return slot;
  }

  private double number(String name) {
    TensorProto tensor = tensors.get(name);
    if (tensor == null || tensor.getDimsCount() != 0) {
      throw unreadable("'" + name + "' is not a constant number");
    }
    return doubles(tensor)[0];
  }

  private static float[] floats(TensorProto tensor) {
    requireType(tensor, DataType.FLOAT);
    float[] numbers = new float[elements(tensor, Float.BYTES)];
    bytes(tensor).asFloatBuffer().get(numbers);
    return numbers;
  }

  private static double[] doubles(TensorProto tensor) {
    if (tensor.getDataType() == DataType.BOOL.getNumber()) {
      double[] truths = new double[elements(tensor, 1)];
      for (int i = 0; i < truths.length; i++) {
        truths[i] = tensor.getRawData().byteAt(i) == 0 ? 0 : 1;
      }
      return truths;
    }
    requireType(tensor, DataType.DOUBLE);
    double[] numbers = new double[elements(tensor, Double.BYTES)];
    bytes(tensor).asDoubleBuffer().get(numbers);
    return numbers;
  }

  private static void requireType(TensorProto tensor, DataType type) {
    if (tensor.getDataType() != type.getNumber()) {
      throw unreadable("'" + tensor.getName() + "' is not of type " + type);
    }
  }

  private static int elements(TensorProto tensor, int bytes) {
    long elements = 1;
    for (long size : tensor.getDimsList()) {
      elements = Math.multiplyExact(elements, size);
    }
    if (tensor.getRawData().size() != elements * bytes) {
      throw unreadable("'" + tensor.getName() + "' does not hold as many numbers as it should");
    }
    return Math.toIntExact(elements);
  }

  private static ByteBuffer bytes(TensorProto tensor) {
    return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static float[] transposed(float[] matrix, int rows) {
    int columns = matrix.length / rows;
    float[] transposed = new float[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        transposed[c * rows + r] = matrix[r * columns + c];
      }
    }
    return transposed;
  }

  private static double[] transposed(double[] matrix, int rows) {
    int columns = matrix.length / rows;
    double[] transposed = new double[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        transposed[c * rows + r] = matrix[r * columns + c];
      }
    }
    return transposed;
  }

  private static void refuseAttributes(NodeProto node, int known) {
    if (node.getAttributeCount() > known) {
      AttributeProto attribute = node.getAttribute(known);
      throw unreadable(node.getOpType() + " has the attribute " + attribute.getName());
    }
  }

  private static IllegalArgumentException unreadable(String what) {
    return new IllegalArgumentException(
        "the built-in scorer cannot evaluate this ONNX model: " + what + "; ONNX Runtime may");
  }
}
