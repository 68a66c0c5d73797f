package dev.samgs.vectors;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Measures what a call puts on the heap. */
public final class Allocation {
  private static final int CALLS = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Allocation() {}

  /**
   * Bytes that a call allocates in this thread: the least that any thousand calls in a row did, per
   * call, rounded down. What a call allocates by itself it allocates in each round, so that no
   * round hides it; what is seen besides is the virtual machine's own doing and passes: interpreted
   * code boxes what compiled code does not, a compiled method that meets a new case is interpreted
   * for a while, and where other work takes the processors away, the compiler comes late. Rounding
   * forgives the few hundred bytes in a thousand calls that linking a call site takes.
   */
  public static long afterWarmUp(Runnable call) {
    return afterWarmUp(CALLS, call);
  }

  /** The same by rounds of fewer calls, for one that takes long. */
  public static long afterWarmUp(int calls, Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 3 || (least > 0 && System.nanoTime() < deadline); round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < calls; i++) {
        call.run();
      }
      least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / calls);
    }
    return least;
  }
}
