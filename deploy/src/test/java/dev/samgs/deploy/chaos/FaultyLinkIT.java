package dev.samgs.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.deploy.embedded.EmbeddedKafka;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FaultyLinkIT {
  private static final int KILOBYTE = 1024;

  @TempDir Path directory;

  @Test
  void aBrokerBehindItIsOutOfReachWhileItIsCutAndBackWhenItIsMended() throws Exception {
    int port = freePort();
    try (FaultyLink link = FaultyLink.to(port);
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, port, link.port(), Map.of())) {
      assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:" + link.port());
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
        admin.createTopics(List.of(new NewTopic("events", 1, (short) 1))).all().get();
      }
      try (KafkaProducer<byte[], byte[]> producer = producer(kafka, 60_000)) {
        assertThat(send(producer).get().offset()).isZero();

        link.cut();
        try (KafkaProducer<byte[], byte[]> impatient = producer(kafka, 500)) {
          assertThatThrownBy(() -> send(impatient).get())
              .isInstanceOf(ExecutionException.class)
              .hasMessageContaining("500 ms");
        }
        CompletableFuture<RecordMetadata> waiting =
            CompletableFuture.supplyAsync(() -> acknowledged(send(producer)));

        link.mend();
        assertThat(waiting.get().offset()).as("neither lost nor doubled").isEqualTo(1);

        link.reset();
        assertThat(send(producer).get().offset()).isEqualTo(2);
      }
    }
  }

  @Test
  void aSlowLinkHoldsBytesBackInOrder() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        FaultyLink link = FaultyLink.to(server.getLocalPort());
        Socket near = new Socket(InetAddress.getLoopbackAddress(), link.port());
        Socket far = server.accept()) {
      link.slow(Duration.ofMillis(100), 100 * KILOBYTE);
      byte[] sent = new byte[20 * KILOBYTE];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = (byte) (i * 31);
      }
      long start = System.nanoTime();
      near.getOutputStream().write(sent);
      near.shutdownOutput();
      byte[] received = far.getInputStream().readNBytes(sent.length);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

      assertThat(received).isEqualTo(sent);
      assertThat(millis).as("100 ms, and 20 KiB at 100 KiB/s").isGreaterThanOrEqualTo(300);
    }
  }

  @Test
  void whatSlowsItDownEndsWhenItIsMended() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        FaultyLink link = FaultyLink.to(server.getLocalPort());
        Socket near = new Socket(InetAddress.getLoopbackAddress(), link.port());
        Socket far = server.accept()) {
      link.slow(Duration.ofDays(1), Long.MAX_VALUE);
      near.getOutputStream().write("late".getBytes(StandardCharsets.UTF_8));
      far.setSoTimeout(200);
      InputStream in = far.getInputStream();
      assertThatThrownBy(in::read).isInstanceOf(IOException.class);

      link.mend();
      far.setSoTimeout(10_000);
      assertThat(in.readNBytes(4)).isEqualTo("late".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void aConnectionThroughACutLinkEndsAtBothEnds() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        FaultyLink link = FaultyLink.to(server.getLocalPort());
        Socket near = new Socket(InetAddress.getLoopbackAddress(), link.port());
        Socket far = server.accept()) {
      link.cut();
      assertThatThrownBy(() -> endOf(near)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> endOf(far)).isInstanceOf(IOException.class);
    }
  }

  /** A connection that was reset throws; one that was closed in peace reads as ended. */
  private static void endOf(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    if (socket.getInputStream().read() >= 0) {
      throw new AssertionError("data came through a cut link");
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(EmbeddedKafka kafka, int patienceMillis) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            kafka.bootstrapServers(),
            "max.block.ms",
            patienceMillis,
            "delivery.timeout.ms",
            60_000,
            "reconnect.backoff.max.ms",
            100),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static Future<RecordMetadata> send(KafkaProducer<byte[], byte[]> producer) {
    return producer.send(
        new ProducerRecord<>("events", "reading".getBytes(StandardCharsets.UTF_8)));
  }

  private static RecordMetadata acknowledged(Future<RecordMetadata> sent) {
    try {
      return sent.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new CompletionException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
