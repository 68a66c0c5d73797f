package dev.samgs.deploy.container;

import java.nio.file.Path;

/** A Kafka broker, a job manager with the job, and a task manager of it. */
interface Cluster extends AutoCloseable {
  /** The file that the job manager is given, with where its checkpoints go. */
  String CHECKPOINTS = "/var/lib/samgs/checkpoints";

  /** One in containers where images are named, else one of processes. */
  static Cluster start(Path directory, String configuration) throws Exception {
    return Images.named()
        ? new ContainerCluster(Images.fromEnvironment(), configuration)
        : new ProcessCluster(directory, configuration);
  }

  /** Where this process finds the broker. */
  String bootstrapServers();

  /** Kills the task manager, as a power cut does, and starts another in its place. */
  void replaceTaskManager() throws Exception;

  /** The same of the job manager. */
  void replaceJobManager() throws Exception;

  /** What the task manager's Prometheus endpoint says. */
  String scrape() throws Exception;

  /** What the processes have logged, for a failure. */
  String logs() throws Exception;
}
