package dev.samgs.job.state;

import dev.samgs.learn.Row;
import dev.samgs.snapshot.Publication;
import dev.samgs.spec.ModelSpec;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;

/**
 * The keyed states of a model. Their names are part of every savepoint: they never change. Rows
 * stand apart from the learner, so that a backend on disk writes the learner only when a mini-batch
 * closes.
 */
public final class ModelStates {
  private ModelStates() {}

  /** Everything learned. */
  public static ValueStateDescriptor<StoredLearner> learner(ModelSpec spec) {
    return new ValueStateDescriptor<>("learner", new LearnerStateSerializer(spec.structure()));
  }

  /** Replay rows by slot. */
  public static MapStateDescriptor<Integer, Row> replayRows() {
    return new MapStateDescriptor<>("replay-rows", IntSerializer.INSTANCE, new RowSerializer());
  }

  /** What is known of the open mini-batch. */
  public static ValueStateDescriptor<Pending> pending() {
    return new ValueStateDescriptor<>("pending", new PendingSerializer());
  }

  /** Rows of the open mini-batch, in the order of their arrival. */
  public static ListStateDescriptor<Row> pendingRows() {
    return new ListStateDescriptor<>("pending-rows", new RowSerializer());
  }

  /** What is known of the model's publication. */
  public static ValueStateDescriptor<Publication> publication() {
    return new ValueStateDescriptor<>("publication", new PublicationSerializer());
  }

  /** The newest published model. */
  public static ValueStateDescriptor<StoredModel> publishedModel() {
    return new ValueStateDescriptor<>("published-model", new StoredModelSerializer());
  }

  /** The one that it follows. */
  public static ValueStateDescriptor<StoredModel> previousModel() {
    return new ValueStateDescriptor<>("previous-model", new StoredModelSerializer());
  }

  /**
   * Lowest incarnation of the next life of a model that was retired; nothing else is left of it.
   */
  public static ValueStateDescriptor<Long> lives() {
    return new ValueStateDescriptor<>("lives", LongSerializer.INSTANCE);
  }
}
