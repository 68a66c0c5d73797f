package dev.samgs.job.pipeline;

import dev.samgs.job.metrics.SharedMetrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;

/** The running job's metrics as Prometheus sees them. */
final class Scrape {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Scrape() {}

  static String now() throws IOException, InterruptedException {
    int port = SharedMetrics.port().orElseThrow();
    return CLIENT
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Waits until the running job has sent so many events on to training. */
  static void awaitEvents(int events) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () ->
                SharedMetrics.port().isPresent()
                    && now().contains("samgs_events_total " + (double) events + "\n"));
  }
}
