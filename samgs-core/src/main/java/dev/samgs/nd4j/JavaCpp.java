package dev.samgs.nd4j;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import org.bytedeco.javacpp.Pointer;

/**
 * Begins JavaCPP so that it does not hold on to whoever uses it first.
 *
 * <p>Its first class starts a thread that lives as long as the process, and a thread holds the
 * class loaders of all that was on the stack when it was created. Where our classes come and go
 * with a job, as in a task manager, and JavaCPP stays, they could never be collected. So it is
 * begun where nothing of ours is on the stack: a worker of the JDK's calls JavaCPP itself.
 */
final class JavaCpp {
  private JavaCpp() {}

  /** Begins it; does nothing where it has begun. */
  static void begin() {
    ForkJoinPool pool = new ForkJoinPool(1);
    try {
      MethodHandle any =
          MethodHandles.publicLookup()
              .findStatic(Pointer.class, "totalBytes", MethodType.methodType(long.class));
      pool.submit(
              (Callable<?>)
                  MethodHandleProxies.asInterfaceInstance(
                      Callable.class, any.asType(MethodType.methodType(Object.class))))
          .get();
    } catch (ReflectiveOperationException | ExecutionException e) {
      throw new IllegalStateException(
          "JavaCPP, which brings the native libraries, has not begun", e);
    } catch (InterruptedException e) {
      // Whoever needs it next begins it.
      Thread.currentThread().interrupt();
    } finally {
      pool.shutdown();
    }
  }
}
