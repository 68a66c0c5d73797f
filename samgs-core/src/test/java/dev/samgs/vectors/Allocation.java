package dev.samgs.vectors;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures what a call puts on the heap. */
public final class Allocation {
  private static final int WARM_UP = 2_000;
  private static final int MEASURED = 1_000;

  private Allocation() {}

  /**
   * Bytes that a call allocates in this thread, rounded down from the mean of a thousand calls, so
   * that a compilation in between does not count.
   */
  public static long afterWarmUp(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < WARM_UP; i++) {
      call.run();
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < MEASURED; i++) {
      call.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / MEASURED;
  }
}
