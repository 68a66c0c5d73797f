package dev.samgs.snapshot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/**
 * An ONNX graph under construction. Every method returns the name of the value that it adds, to be
 * passed on to the next. Values are named {@code <prefix>/<number>}: in the order of the calls and
 * of nothing else, so that the same calls give the same bytes.
 */
final class OnnxGraph {
  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final String prefix;
  private int values;

  /**
   * @param prefix what no name of an input or output begins with
   */
  OnnxGraph(String name, String prefix) {
    graph.setName(name);
    this.prefix = prefix;
  }

  GraphProto build() {
    return graph.build();
  }

  /** A {@code rows × columns} input of doubles; the number of rows is open. */
  String input(String name, int columns, String description) {
    graph.addInput(rowsOfDoubles(name, columns, description));
    return name;
  }

  /** Makes a {@code rows × columns} value of doubles an output of that name. */
  void output(String name, int columns, String value, String description) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(next())
            .setOpType("Identity")
            .addInput(value)
            .addOutput(name));
    graph.addOutput(rowsOfDoubles(name, columns, description));
  }

  String node(String operator, String... inputs) {
    return add(NodeProto.newBuilder().setOpType(operator), inputs);
  }

  /** left·rightᵀ + addend. */
  String productWithTransposed(String left, String right, String addend) {
    return add(
        NodeProto.newBuilder()
            .setOpType("Gemm")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("transB")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(1)),
        left,
        right,
        addend);
  }

  String cast(String value, TensorProto.DataType to) {
    return add(
        NodeProto.newBuilder()
            .setOpType("Cast")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("to")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(to.getNumber())),
        value);
  }

  /** A vector of doubles, or a number if there is one only. */
  String constant(double... numbers) {
    return doubles(numbers, shape(numbers.length));
  }

  /** A vector of doubles, also if there is one only. */
  String vector(double[] numbers) {
    return doubles(numbers, numbers.length);
  }

  /** A {@code rows × columns} matrix of doubles, row-major. */
  String matrix(double[] numbers, int rows, int columns) {
    return doubles(numbers, rows, columns);
  }

  private String doubles(double[] numbers, int... shape) {
    ByteBuffer bytes = littleEndian(Math.multiplyExact(numbers.length, Double.BYTES));
    bytes.asDoubleBuffer().put(numbers);
    return initializer(TensorProto.DataType.DOUBLE, bytes, shape);
  }

  String constant(float number) {
    ByteBuffer bytes = littleEndian(Float.BYTES);
    bytes.putFloat(0, number);
    return initializer(TensorProto.DataType.FLOAT, bytes);
  }

  String constant(boolean[] flags) {
    ByteBuffer bytes = littleEndian(flags.length);
    for (int i = 0; i < flags.length; i++) {
      bytes.put(i, (byte) (flags[i] ? 1 : 0));
    }
    return initializer(TensorProto.DataType.BOOL, bytes, flags.length);
  }

  /** The tensor of that shape that stands row-major in {@code values} from {@code from}. */
  String tensor(float[] values, int from, int... shape) {
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    ByteBuffer bytes = littleEndian(Math.multiplyExact(length, Float.BYTES));
    bytes.asFloatBuffer().put(values, from, length);
    return initializer(TensorProto.DataType.FLOAT, bytes, shape);
  }

  private static int[] shape(int length) {
    return length == 1 ? new int[0] : new int[] {length};
  }

  private String add(NodeProto.Builder node, String... inputs) {
    String output = next();
    for (String input : inputs) {
      node.addInput(input);
    }
    graph.addNode(node.setName(output).addOutput(output));
    return output;
  }

  private String initializer(TensorProto.DataType type, ByteBuffer bytes, int... shape) {
    String name = next();
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    for (int size : shape) {
      tensor.addDims(size);
    }
    graph.addInitializer(tensor.setRawData(ByteString.copyFrom(bytes.array())));
    return name;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String next() {
    return prefix + "/" + values++;
  }

  private static ValueInfoProto rowsOfDoubles(String name, int columns, String description) {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("rows"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setDocString(description)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.DOUBLE.getNumber())
                        .setShape(shape)))
        .build();
  }
}
