package dev.samgs.job.pipeline;

import dev.samgs.connectors.flink.ValueType;
import dev.samgs.job.PlainRun;
import dev.samgs.job.state.ModelStates;
import dev.samgs.job.state.RowSerializer;
import dev.samgs.job.state.StoredLearner;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.Row;
import dev.samgs.spec.ModelSpec;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

/** The models in a savepoint, read without the job. */
final class SavedModels {
  private static final TypeInformation<Row> ROW = new ValueType<>(Row.class, new RowSerializer());

  /**
   * One model.
   *
   * @param learner everything learned, in binary form
   * @param pendingRows rows of the open mini-batch
   * @param replayRows rows by slot
   */
  record SavedModel(byte[] learner, List<Row> pendingRows, Map<Integer, Row> replayRows) {
    /** The core alone, going on from here. */
    PlainRun resume(ModelSpec spec, long snapshotEvery) throws IOException {
      LearnerState state =
          LearnerState.read(spec, new DataInputStream(new ByteArrayInputStream(learner)));
      return new PlainRun(spec, snapshotEvery, state, replayRows, pendingRows);
    }
  }

  private SavedModels() {}

  /** All models of a savepoint, by name. */
  static Map<String, SavedModel> in(String savepoint, ModelSpec spec) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment.setParallelism(1);
    Map<String, SavedModel> models = new TreeMap<>();
    try (CloseableIterator<Tuple4<String, byte[], List<Row>, Map<Integer, Row>>> found =
        SavepointReader.read(environment, savepoint, new HashMapStateBackend())
            .readKeyedState(
                OperatorIdentifier.forUid("train"),
                new Reader(spec),
                Types.STRING,
                Types.TUPLE(
                    Types.STRING,
                    PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
                    Types.LIST(ROW),
                    Types.MAP(Types.INT, ROW)))
            .executeAndCollect()) {
      found.forEachRemaining(m -> models.put(m.f0, new SavedModel(m.f1, m.f2, m.f3)));
    }
    return models;
  }

  private static final class Reader
      extends KeyedStateReaderFunction<
          String, Tuple4<String, byte[], List<Row>, Map<Integer, Row>>> {
    private static final long serialVersionUID = 1L;

    private final ModelSpec spec;
    private transient ValueState<StoredLearner> learner;
    private transient ListState<Row> pendingRows;
    private transient MapState<Integer, Row> replayRows;

    Reader(ModelSpec spec) {
      this.spec = spec;
    }

    @Override
    public void open(OpenContext context) {
      learner = getRuntimeContext().getState(ModelStates.learner(spec));
      pendingRows = getRuntimeContext().getListState(ModelStates.pendingRows());
      replayRows = getRuntimeContext().getMapState(ModelStates.replayRows());
    }

    @Override
    public void readKey(
        String model,
        Context context,
        Collector<Tuple4<String, byte[], List<Row>, Map<Integer, Row>>> out)
        throws Exception {
      List<Row> pending = new ArrayList<>();
      pendingRows.get().forEach(pending::add);
      Map<Integer, Row> replay = new HashMap<>();
      for (Map.Entry<Integer, Row> slot : replayRows.entries()) {
        replay.put(slot.getKey(), slot.getValue());
      }
      out.collect(Tuple4.of(model, PlainRun.bytes(learner.value().live(spec)), pending, replay));
    }
  }
}
