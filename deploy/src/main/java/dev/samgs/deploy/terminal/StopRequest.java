package dev.samgs.deploy.terminal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks a command to come to an end. Ctrl-C (SIGINT) and SIGTERM do so too, once {@link #onSignals}
 * is called; a second signal ends the process at once, as if nobody listened.
 *
 * <p>A shutdown hook could not do this: it runs beside those of Flink, which take away what an
 * orderly end still needs. {@code sun.misc.Signal} is the only other way in Java to hear of a
 * signal. It is part of every JDK (module {@code jdk.unsupported}), but cannot be named without a
 * compiler warning that nothing suppresses, hence the reflection.
 */
public final class StopRequest {
  private final CountDownLatch requested = new CountDownLatch(1);
  private volatile Thread interrupted;

  /** A request that the process's signals make. */
  public static StopRequest onSignals() {
    StopRequest request = new StopRequest();
    request.listen("INT");
    request.listen("TERM");
    return request;
  }

  private void listen(String name) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Method handle = signalType.getMethod("handle", signalType, handlerType);
      Object signal = signalType.getConstructor(String.class).newInstance(name);
      Object[] usual = new Object[1];
      InvocationHandler ours =
          (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == handlerType) {
              handle.invoke(null, signal, usual[0]);
              request();
              return null;
            }
            return switch (method.getName()) {
              case "equals" -> proxy == arguments[0];
              case "hashCode" -> System.identityHashCode(proxy);
              default -> "stop request on SIG" + name;
            };
          };
      usual[0] =
          handle.invoke(
              null,
              signal,
              Proxy.newProxyInstance(
                  StopRequest.class.getClassLoader(), new Class<?>[] {handlerType}, ours));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java cannot listen to SIG" + name, e);
    }
  }

  /** Asks to stop. */
  public void request() {
    requested.countDown();
    Thread waiting = interrupted;
    if (waiting != null) {
      waiting.interrupt();
    }
  }

  /** Interrupts a thread when there is a request, or at once if there is one already. */
  public void interrupt(Thread thread) {
    interrupted = thread;
    if (requested()) {
      thread.interrupt();
    }
  }

  public boolean requested() {
    return requested.getCount() == 0;
  }

  /**
   * Waits for the request, at most so long.
   *
   * @return whether there is a request
   */
  public boolean await(Duration timeout) throws InterruptedException {
    return requested.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }
}
