package dev.samgs.deploy.cluster;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.runtime.util.JvmShutdownSafeguard;
import org.apache.flink.runtime.util.SignalHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task manager that takes the size of its heap from its own JVM, so that nothing has to be worked
 * out before it starts:
 *
 * <pre>{@code
 * java -Xmx1g -cp 'lib/*' dev.samgs.deploy.cluster.TaskManager -D jobmanager.rpc.address=jobmanager
 * }</pre>
 */
public final class TaskManager {
  private static final Logger LOG = LoggerFactory.getLogger(TaskManager.class);
  private static final MemorySize FRAMEWORK_HEAP = MemorySize.ofMebiBytes(64);

  private TaskManager() {}

  /**
   * Runs until it is terminated.
   *
   * @param args Flink's settings as {@code -D key=value}
   */
  public static void main(String[] args) throws Exception {
    EnvironmentInformation.logEnvironmentInfo(LOG, TaskManager.class.getSimpleName(), args);
    SignalHandler.register(LOG);
    JvmShutdownSafeguard.installAsShutdownHook(LOG);
    FlinkArguments arguments = FlinkArguments.of(args);
    if (!arguments.others().isEmpty()) {
      throw new IllegalArgumentException(
          "a task manager takes Flink's settings only, as -D key=value, and not "
              + arguments.others().get(0));
    }
    TaskManagerRunner.runTaskManagerProcessSecurely(sized(arguments.flink()));
  }

  /** Sets each part of the memory that is not set. */
  private static Configuration sized(Configuration flink) {
    orElse(flink, TaskManagerOptions.FRAMEWORK_HEAP_MEMORY, FRAMEWORK_HEAP);
    orElse(
        flink,
        TaskManagerOptions.TASK_HEAP_MEMORY,
        new MemorySize(Runtime.getRuntime().maxMemory())
            .subtract(flink.get(TaskManagerOptions.FRAMEWORK_HEAP_MEMORY)));
    orElse(flink, TaskManagerOptions.FRAMEWORK_OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(64));
    orElse(flink, TaskManagerOptions.TASK_OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(256));
    orElse(flink, TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
    orElse(flink, TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
    orElse(flink, TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
    orElse(flink, TaskManagerOptions.JVM_METASPACE, MemorySize.ofMebiBytes(256));
    orElse(flink, TaskManagerOptions.JVM_OVERHEAD_MIN, MemorySize.ofMebiBytes(128));
    orElse(flink, TaskManagerOptions.JVM_OVERHEAD_MAX, MemorySize.ofMebiBytes(128));
    orElse(
        flink, TaskManagerOptions.CPU_CORES, (double) flink.get(TaskManagerOptions.NUM_TASK_SLOTS));
    return flink;
  }

  private static <T> void orElse(Configuration flink, ConfigOption<T> option, T value) {
    if (flink.getOptional(option).isEmpty()) {
      flink.set(option, value);
    }
  }
}
