package dev.samgs.deploy.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * A Flink mini cluster in this JVM, reachable on loopback only, which runs one job after the other
 * on its slots.
 */
public final class EmbeddedFlink implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration CLOSE_TIMEOUT = Duration.ofMinutes(1);

  private final MiniCluster cluster;

  private EmbeddedFlink(MiniCluster cluster) {
    this.cluster = cluster;
  }

  /**
   * Starts a cluster of one task manager.
   *
   * @param slots how many subtasks of each operator can run
   * @param directory where the cluster puts its temporary files
   * @param settings further settings of Flink; not changed
   */
  public static EmbeddedFlink start(int slots, Path directory, Configuration settings)
      throws Exception {
    Configuration configuration = new Configuration(settings);
    configuration.set(CoreOptions.TMP_DIRS, directory.toString());
    configuration.set(WebOptions.TMP_DIR, directory.toString());
    configuration.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(RestOptions.ADDRESS, LOOPBACK);
    configuration.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .setRpcServiceSharing(RpcServiceSharing.SHARED)
                .setCommonBindAddress(LOOPBACK)
                .withRandomPorts()
                .build());
    try {
      cluster.start();
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
    return new EmbeddedFlink(cluster);
  }

  /** Submits a job and returns when the cluster has accepted it. */
  public JobID submit(StreamGraph job) throws InterruptedException, ExecutionException {
    return cluster.submitJob(job).get().getJobID();
  }

  /** Whether every subtask of the job runs: only then can it be stopped with a savepoint. */
  public boolean allRunning(JobID job)
      throws InterruptedException, ExecutionException, TimeoutException {
    AccessExecutionGraph graph =
        cluster.getExecutionGraph(job).get(ANSWER_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
      if (vertex.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return graph.getState() == JobStatus.RUNNING;
  }

  /** Completes when the job has ended, in whatever way. */
  public CompletableFuture<JobResult> result(JobID job) {
    return cluster.requestJobResult(job);
  }

  /**
   * Stops a job with a savepoint, so that all it has written is committed, and waits for its end.
   * {@link #allRunning} has to be true.
   *
   * @param directory where the savepoint goes, as a URI
   * @param drain whether the job first does what it does at the end of its input
   * @param timeout how long it may take
   * @return where the savepoint is
   */
  public String stop(JobID job, String directory, boolean drain, Duration timeout)
      throws InterruptedException, ExecutionException, TimeoutException {
    long deadline = System.nanoTime() + timeout.toNanos();
    String savepoint =
        cluster
            .stopWithSavepoint(job, directory, drain, SavepointFormatType.CANONICAL)
            .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    cluster
        .requestJobResult(job)
        .get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    return savepoint;
  }

  /**
   * Ends the cluster and whatever still runs on it.
   *
   * @throws TimeoutException if it has not ended within a minute, as when a sink waits for a broker
   *     that is gone; its threads then end with the process
   */
  @Override
  public void close() throws InterruptedException, ExecutionException, TimeoutException {
    cluster.closeAsync().get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
  }
}
