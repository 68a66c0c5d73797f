package dev.samgs.job.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * A task manager loads the job's classes anew for each job, in a loader that goes when the job
 * does. Nothing of the metrics may keep it.
 */
class ClassLoaderLeakTest {
  @Test
  void threeLoadersServeOnOnePortInTurnAndAreCollected() throws Exception {
    // As in a task manager, logging is there before any job: its shutdown hook would keep the
    // loader that it was begun from.
    LoggerFactory.getLogger(ClassLoaderLeakTest.class).debug("begun");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int attempt = 0; attempt < 3; attempt++) {
      loaders.add(new WeakReference<>(serveOnce(port)));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return loaders.stream().allMatch(loader -> loader.get() == null);
            });
  }

  /** Leases, counts, is scraped and ends, all by classes of a loader of its own. */
  private static ClassLoader serveOnce(int port) throws Exception {
    OwnClasses loader = new OwnClasses();
    Class<?> ranges = loader.loadClass("dev.samgs.job.config.PortRange");
    Class<?> settings = loader.loadClass("dev.samgs.job.config.MetricsSettings");
    Object range = ranges.getConstructor(int.class, int.class).newInstance(port, port);
    Object told =
        settings
            .getConstructor(
                long.class, Duration.class, boolean.class, String.class, ranges, int.class)
            .newInstance(1L, Duration.ZERO, true, "127.0.0.1", range, 1000);
    Class<?> shared = loader.loadClass("dev.samgs.job.metrics.SharedMetrics");
    assertThat(shared.getClassLoader()).isSameAs(loader);
    try (AutoCloseable lease =
        (AutoCloseable) shared.getMethod("lease", settings).invoke(null, told)) {
      Method registry = lease.getClass().getMethod("registry");
      Object meters = registry.invoke(lease);
      Object counter =
          loader
              .loadClass("io.micrometer.core.instrument.MeterRegistry")
              .getMethod("counter", String.class, String[].class)
              .invoke(meters, "samgs.events", new String[0]);
      loader
          .loadClass("io.micrometer.core.instrument.Counter")
          .getMethod("increment")
          .invoke(counter);
      assertThat(scrape(port)).contains("samgs_events_total 1.0\n");
    }
    return loader;
  }

  private static String scrape(int port) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** As Flink's loader of user code does: its own classes first. */
  private static final class OwnClasses extends URLClassLoader {
    OwnClasses() throws IOException {
      super(classPath(), ClassLoaderLeakTest.class.getClassLoader());
    }

    private static URL[] classPath() throws IOException {
      List<URL> urls = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        urls.add(new File(entry).toURI().toURL());
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("dev.samgs.")
          && !name.startsWith("io.micrometer.")
          && !name.startsWith("io.prometheus.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }
}
