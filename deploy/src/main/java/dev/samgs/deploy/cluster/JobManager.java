package dev.samgs.deploy.cluster;

import dev.samgs.job.SamGsJob;
import java.util.List;
import org.apache.flink.client.deployment.application.ApplicationClusterEntryPoint;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.entrypoint.ClusterEntrypoint;
import org.apache.flink.runtime.resourcemanager.StandaloneResourceManagerFactory;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.runtime.util.JvmShutdownSafeguard;
import org.apache.flink.runtime.util.SignalHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job manager that runs {@link SamGsJob} and nothing else, and ends with it:
 *
 * <pre>{@code
 * java --add-opens=java.base/java.util=ALL-UNNAMED -cp 'lib/*' \
 *     dev.samgs.deploy.cluster.JobManager --config samgs.yaml -D rest.port=8081
 * }</pre>
 *
 * With {@code checkpoints.resume: newest} in the configuration it goes on where it was when it is
 * started again, whatever ended it.
 */
public final class JobManager extends ApplicationClusterEntryPoint {
  private static final Logger LOG = LoggerFactory.getLogger(JobManager.class);

  private JobManager(Configuration configuration, PackagedProgram program) {
    super(configuration, program, StandaloneResourceManagerFactory.getInstance());
  }

  /**
   * Runs until the job ends.
   *
   * @param args those of {@link SamGsJob#main}, and Flink's settings as {@code -D key=value}
   */
  public static void main(String[] args) throws Exception {
    EnvironmentInformation.logEnvironmentInfo(LOG, JobManager.class.getSimpleName(), args);
    SignalHandler.register(LOG);
    JvmShutdownSafeguard.installAsShutdownHook(LOG);
    FlinkArguments arguments = FlinkArguments.of(args);
    PackagedProgram program =
        PackagedProgram.newBuilder()
            .setEntryPointClassName(SamGsJob.class.getName())
            .setUserClassPaths(List.of())
            .setConfiguration(arguments.flink())
            .setArguments(arguments.others().toArray(new String[0]))
            .build();
    configureExecution(arguments.flink(), program);
    ClusterEntrypoint.runClusterEntrypoint(new JobManager(arguments.flink(), program));
  }
}
