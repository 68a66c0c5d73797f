package dev.samgs.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.operator.VersionFloor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.StateBackendLoader;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamGsJobTest {
  private static final JobConfiguration JOB = JobConfiguration.of("press-line", TestModels.SPEC);

  private static StreamGraph graph() {
    return graph(JOB);
  }

  private static StreamGraph graph(JobConfiguration job) {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment.configure(SamGsJob.configuration(job));
    TrainingPipeline.wire(environment, job, VersionFloor.above(Map.of(), false));
    return environment.getStreamGraph();
  }

  @Test
  void theStateBackendIsTheOneThatWasChosen() throws Exception {
    JobConfiguration onDisk =
        JobConfiguration.parse(
            "samgs.yaml",
            JOB.toYaml(List.of()).replace("  state-backend: hashmap", "  state-backend: rocksdb"));

    assertThat(stateBackend(JOB)).isInstanceOf(HashMapStateBackend.class);
    assertThat(stateBackend(onDisk)).isInstanceOf(EmbeddedRocksDBStateBackend.class);
  }

  /** What a task manager makes of the submitted job. */
  private static StateBackend stateBackend(JobConfiguration job) throws Exception {
    return StateBackendLoader.fromApplicationOrConfigOrDefault(
        null,
        graph(job).getJobConfiguration(),
        new Configuration(),
        SamGsJobTest.class.getClassLoader(),
        null);
  }

  @Test
  void everyOperatorHasAUidOfItsOwn() {
    assertThat(graph().getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .doesNotContainNull()
        .doesNotHaveDuplicates()
        .contains("events", "decode", "train", "encode-snapshots");
  }

  @Test
  void theMaximumParallelismIsFixedForEveryOperator() {
    assertThat(graph().getStreamNodes())
        .allSatisfy(node -> assertThat(node.getMaxParallelism()).isEqualTo(128));
  }

  @Test
  void encodingRunsInAnotherTaskThanTraining() {
    var vertices = graph().getJobGraph().getVertices();
    assertThat(vertices).anySatisfy(v -> assertThat(v.getName()).startsWith("train"));
    assertThat(vertices)
        .filteredOn(v -> v.getName().startsWith("train"))
        .allSatisfy(v -> assertThat(v.getName()).doesNotContain("encode"));
  }

  @Test
  void checkpointsAreExactlyOnceAndKept() {
    Configuration flink = SamGsJob.configuration(JOB);

    assertThat(flink.get(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE))
        .isEqualTo(CheckpointingMode.EXACTLY_ONCE);
    assertThat(flink.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION))
        .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    assertThat(flink.get(CheckpointingOptions.CHECKPOINTING_INTERVAL)).hasSeconds(5);
    assertThat(flink.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("hashmap");
  }

  @Test
  void aJobWithoutAPlaceForCheckpointsIsRefused() {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();

    assertThatThrownBy(() -> SamGsJob.build(environment, JOB))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("there is nowhere to put checkpoints: set checkpoints.directory");
  }

  @Test
  void badArgumentsAreAnsweredWithASentence() {
    assertThatThrownBy(() -> SamGsJob.main(new String[] {"--conf", "x"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("there is no option '--conf'; the options are --config FILE");
    assertThatThrownBy(() -> SamGsJob.main(new String[] {"--config"}))
        .hasMessage("option --config needs a value");
    assertThatThrownBy(() -> SamGsJob.main(new String[0]))
        .hasMessage("name the configuration: --config samgs.yaml");
  }

  @Test
  void aBadConfigurationIsRefusedBeforeAnythingElse(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("samgs.yaml");
    Files.writeString(file, "nam: x\n");

    assertThatThrownBy(() -> SamGsJob.main(new String[] {"--config", file.toString()}))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("did you mean 'name'?");
  }
}
