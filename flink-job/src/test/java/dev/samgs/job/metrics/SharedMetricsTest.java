package dev.samgs.job.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.PortRange;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SharedMetricsTest {
  private static final MetricsSettings ANY_PORT = on(new PortRange(0, 0));

  private static MetricsSettings on(PortRange ports) {
    return new MetricsSettings(1, Duration.ZERO, true, "127.0.0.1", ports, 1000);
  }

  private static HttpResponse<String> get(String path, String accept) throws Exception {
    int port = SharedMetrics.port().orElseThrow();
    return get(port, path, accept);
  }

  private static HttpResponse<String> get(int port, String path, String accept) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Accept", accept)
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void whatSubtasksCountIsServedForPrometheus() throws Exception {
    try (SharedMetrics.Lease one = SharedMetrics.lease(ANY_PORT);
        SharedMetrics.Lease two = SharedMetrics.lease(ANY_PORT)) {
      one.registry().counter("samgs.events").increment();
      two.registry().counter("samgs.events").increment();

      HttpResponse<String> plain = get("/metrics", "*/*");
      assertThat(plain.statusCode()).isEqualTo(200);
      assertThat(plain.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/plain; version=0.0.4");
      assertThat(plain.body())
          .contains("samgs_events_total 2.0\n")
          .contains("samgs_metrics_bind_failures_total 0.0\n")
          .contains("# TYPE samgs_events_total counter\n");

      assertThat(get("/metrics", "application/openmetrics-text; version=1.0.0").body())
          .contains("samgs_events_total 2.0\n")
          .endsWith("# EOF\n");
      assertThat(get("/", "*/*").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void theServerLivesUntilTheLastLeaseIsClosed() throws Exception {
    SharedMetrics.Lease one = SharedMetrics.lease(ANY_PORT);
    SharedMetrics.Lease two = SharedMetrics.lease(ANY_PORT);
    int port = SharedMetrics.port().orElseThrow();

    one.close();
    one.close();
    assertThat(get(port, "/metrics", "*/*").statusCode()).isEqualTo(200);

    two.close();
    assertThat(SharedMetrics.port()).isEmpty();
    assertThatThrownBy(() -> get(port, "/metrics", "*/*")).isInstanceOf(ConnectException.class);
  }

  @Test
  void aTakenPortIsCountedAndTheJobGoesOn() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        SharedMetrics.Lease lease =
            SharedMetrics.lease(on(new PortRange(taken.getLocalPort(), taken.getLocalPort())))) {
      assertThat(SharedMetrics.port()).isEmpty();
      assertThat(lease.registry().get("samgs.metrics.bind.failures").counter().count())
          .isEqualTo(1);
      lease.registry().counter("samgs.events").increment();
    }
  }

  @Test
  void aRangeIsTriedInTurn() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int first = taken.getLocalPort();
      try (SharedMetrics.Lease lease =
          SharedMetrics.lease(on(new PortRange(first, Math.min(65_535, first + 50))))) {
        assertThat(SharedMetrics.port().orElseThrow()).isGreaterThan(first);
        assertThat(lease.registry().get("samgs.metrics.bind.failures").counter().count()).isZero();
      }
    }
  }

  @Test
  void metricsAreNotServedWhereTheyAreSwitchedOff() {
    try (SharedMetrics.Lease lease =
        SharedMetrics.lease(
            new MetricsSettings(1, Duration.ZERO, false, "127.0.0.1", new PortRange(0, 0), 1))) {
      assertThat(SharedMetrics.port()).isEmpty();
      lease.registry().counter("samgs.events").increment();
    }
  }
}
