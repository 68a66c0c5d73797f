package dev.samgs.job.pipeline;

import dev.samgs.job.SamGsJob;
import dev.samgs.job.config.JobConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real Flink cluster in this JVM for the tests of one class, and jobs on it. */
final class ClusterExtension implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  private static final long PATIENCE_SECONDS = 60;

  private Path directory;
  private MiniCluster cluster;
  private int replaced;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    directory = Files.createTempDirectory("samgs-flink");
    Configuration configuration = new Configuration();
    configuration.set(CoreOptions.TMP_DIRS, directory.resolve("tmp").toString());
    configuration.setString("taskmanager.memory.managed.size", "256m");
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2)
                .setRpcServiceSharing(RpcServiceSharing.SHARED)
                .withRandomPorts()
                .build());
    cluster.start();
  }

  /** A directory for checkpoints and savepoints, gone with the cluster. */
  Path directory() {
    return directory;
  }

  /**
   * Starts a job.
   *
   * @param savepoint to begin from; null for none
   */
  JobID start(JobConfiguration job, String savepoint) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    SamGsJob.build(environment, job);
    StreamGraph graph = environment.getStreamGraph();
    if (savepoint != null) {
      graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(savepoint));
    }
    return cluster.submitJob(graph).get(PATIENCE_SECONDS, TimeUnit.SECONDS).getJobID();
  }

  /** Waits until every task of a job runs. */
  void awaitRunning(JobID job) {
    Awaitility.await()
        .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(() -> allRunning(cluster.getExecutionGraph(job).get()));
  }

  private static boolean allRunning(AccessExecutionGraph graph) {
    for (AccessExecutionVertex task : graph.getAllExecutionVertices()) {
      if (task.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  /** Stops a job, leaves open what is open, and returns the path of its savepoint. */
  String stop(JobID job) throws Exception {
    return stop(job, directory.resolve("savepoints"), false);
  }

  /** Ends the input of a job, so that the last mini-batches are learned, and stops it. */
  void drain(JobID job) throws Exception {
    stop(job, directory.resolve("savepoints"), true);
  }

  /** Stops a job with a savepoint in a directory of the caller's. */
  String stop(JobID job, Path parent, boolean drain) throws Exception {
    awaitRunning(job);
    String savepoint =
        cluster
            .stopWithSavepoint(job, parent.toUri().toString(), drain, SavepointFormatType.CANONICAL)
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    finished(job);
    return savepoint;
  }

  /** Waits until a job has ended, in whatever way. */
  JobResult ended(JobID job) throws Exception {
    return cluster.requestJobResult(job).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Waits until a job has ended well. */
  void finished(JobID job) throws Exception {
    ended(job).toJobExecutionResult(getClass().getClassLoader());
  }

  /** Takes the only task manager away, with all that runs on it, and brings up another. */
  void replaceTaskManager(JobID job) throws Exception {
    cluster.terminateTaskManager(replaced++).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    Awaitility.await()
        .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
        // It is so for a second only: with no task manager it then runs, and waits for slots.
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .until(() -> cluster.getJobStatus(job).get() != JobStatus.RUNNING);
    cluster.startTaskManager();
  }

  /** No test leaves a job to the next one. */
  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    for (JobStatusMessage job : cluster.listJobs().get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      if (!job.getJobState().isGloballyTerminalState()) {
        cluster.cancelJob(job.getJobId()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        ended(job.getJobId());
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    deleteAll(directory);
  }

  private static void deleteAll(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
