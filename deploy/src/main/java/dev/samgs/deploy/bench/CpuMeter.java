package dev.samgs.deploy.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up the CPU time of this JVM's threads, by the stage of the pipeline that a thread's name
 * tells, from its creation until it is closed. Threads end with the job, so they are looked at
 * again and again; what a thread does after the last look counts as {@link #REST}, with the
 * collector and the compiler.
 */
final class CpuMeter implements AutoCloseable {
  /** All that is not a stage: checkpoints, the cluster itself, collector, compiler. */
  static final String REST = "rest";

  private static final long LOOK_MILLIS = 50;

  /** How the name of a thread begins, or what stands in it, and its stage; the first that fits. */
  private static final List<Map.Entry<String, String>> STAGES =
      List.of(
          Map.entry("Source Data Fetcher", "fetch"),
          Map.entry("Source: events", "decode"),
          Map.entry("train", "train"),
          Map.entry("encode-snapshots", "encode-snapshots"),
          Map.entry(": Writer", "sinks"),
          Map.entry(": Committer", "sinks"),
          Map.entry("kafka-producer-network-thread", "produce"),
          Map.entry("data-plane-kafka", "broker"));

  private static final class Reading {
    String stage;
    long first;
    long last;
  }

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final Map<Long, Reading> readings = new HashMap<>();
  private final Thread looker = new Thread(this::look, "cpu-meter");
  private final long processBefore = process.getProcessCpuTime();
  private final long gcBefore = gcMillis();
  private final long startNanos = System.nanoTime();
  private volatile boolean closing;
  private long processAfter;
  private long gcAfter;
  private long endNanos;

  CpuMeter() {
    read(true);
    looker.setDaemon(true);
    looker.start();
  }

  private void look() {
    try {
      while (!closing) {
        Thread.sleep(LOOK_MILLIS);
        read(false);
      }
    } catch (InterruptedException e) {
      // Closed: the last reading is made by the one who closes.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param before whether what the threads have done so far is none of ours
   */
  private synchronized void read(boolean before) {
    long[] ids = threads.getAllThreadIds();
    long[] times = threads.getThreadCpuTime(ids);
    for (int i = 0; i < ids.length; i++) {
      if (times[i] >= 0) {
        Reading reading = readings.computeIfAbsent(ids[i], this::named);
        reading.last = times[i];
        if (before) {
          reading.first = times[i];
        }
      }
    }
  }

  private Reading named(long id) {
    ThreadInfo info = threads.getThreadInfo(id);
    Reading reading = new Reading();
    reading.stage = info == null ? REST : stage(info.getThreadName());
    return reading;
  }

  private static String stage(String thread) {
    for (Map.Entry<String, String> stage : STAGES) {
      if (thread.contains(stage.getKey())) {
        return stage.getValue();
      }
    }
    return REST;
  }

  /** Stops measuring. */
  @Override
  public void close() throws InterruptedException {
    closing = true;
    looker.interrupt();
    looker.join();
    read(false);
    processAfter = process.getProcessCpuTime();
    gcAfter = gcMillis();
    endNanos = System.nanoTime();
  }

  /** CPU time of each stage in microseconds per event, in the order of the pipeline. */
  synchronized Map<String, Double> microsPerEvent(long events) {
    Map<String, Double> stages = new LinkedHashMap<>();
    STAGES.forEach(stage -> stages.put(stage.getValue(), 0.0));
    double rest = processAfter - processBefore;
    for (Reading reading : readings.values()) {
      if (!reading.stage.equals(REST)) {
        double nanos = reading.last - reading.first;
        stages.merge(reading.stage, nanos / 1000 / events, Double::sum);
        rest -= nanos;
      }
    }
    stages.put(REST, Math.max(0, rest) / 1000 / events);
    return stages;
  }

  /** Share of the time that the collectors took, 0 to 1. */
  double gcShare() {
    return Math.min(1, (gcAfter - gcBefore) * 1e6 / (endNanos - startNanos));
  }

  private static long gcMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }
}
