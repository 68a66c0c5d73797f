package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;

/** How the job is spread over the cluster. */
public record ExecutionSettings(
    @Setting(
            value = "parallel instances of each operator; models are spread over them by key",
            min = 1,
            max = 32_768)
        int parallelism,
    @Setting(
            value =
                "upper limit of the parallelism; it is part of every savepoint and cannot be changed"
                    + " afterwards",
            min = 1,
            max = 32_768)
        int maxParallelism,
    @Setting(
            "hashmap: state on the heap, fastest; rocksdb: state on disk, for more models than memory"
                + " holds")
        StateBackend stateBackend)
    implements Serializable {

  /** Where keyed state lives between checkpoints. */
  public enum StateBackend {
    /** On the heap. */
    HASHMAP,
    /** In RocksDB, on local disk. */
    ROCKSDB
  }

  /** Settings that are used where the user gives none. */
  public static ExecutionSettings defaults() {
    return new ExecutionSettings(1, 128, StateBackend.HASHMAP);
  }

  public ExecutionSettings {
    if (maxParallelism < parallelism) {
      throw new InvalidSettingException(
          "maxParallelism",
          "it is " + maxParallelism + ", less than the parallelism of " + parallelism);
    }
  }
}
