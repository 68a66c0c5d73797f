package dev.samgs.deploy.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Independent pieces of work, as many at a time as there are cores. */
public final class AllCores {
  private AllCores() {}

  /**
   * Does all the work.
   *
   * @return the results in the order of the work, whatever the order in which they came
   * @throws Exception the first failure in that order; work that has not begun is dropped
   */
  public static <T> List<T> call(List<Callable<T>> work) throws Exception {
    int threads = Math.min(work.size(), Runtime.getRuntime().availableProcessors());
    ExecutorService executor = Executors.newFixedThreadPool(Math.max(1, threads));
    try {
      List<Future<T>> pending = new ArrayList<>();
      work.forEach(piece -> pending.add(executor.submit(piece)));
      List<T> results = new ArrayList<>();
      for (Future<T> piece : pending) {
        results.add(piece.get());
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    } finally {
      executor.shutdownNow();
    }
  }
}
