package dev.samgs.deploy.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
  @TempDir Path directory;

  @Test
  void takesTransactionsOnLoopbackAndIsGoneAfterClose() throws Exception {
    InetSocketAddress address;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
      address = address(kafka);
      assertThat(address.getAddress().isLoopbackAddress()).isTrue();
      createTopic(kafka);
      commitOneAbortOne(kafka);
      assertThat(committed(kafka)).containsExactly("kept");
    }

    assertThatThrownBy(() -> connect(address)).isInstanceOf(IOException.class);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).as("its data lie in the given directory").isNotEmpty();
    }
  }

  @Test
  void comesBackInTheSamePlaceWithAllItHeld() throws Exception {
    InetSocketAddress address;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
      address = address(kafka);
      createTopic(kafka);
      commitOneAbortOne(kafka);
    }
    int port = address.getPort();

    try (EmbeddedKafka again = EmbeddedKafka.start(directory, port, port, Map.of())) {
      assertThat(address(again)).isEqualTo(address);
      assertThat(committed(again)).containsExactly("kept");
      commitOneAbortOne(again);
      assertThat(committed(again)).containsExactly("kept", "kept");
    }
  }

  @Test
  void severalBrokersRunBesideEachOther() throws Exception {
    try (EmbeddedKafka one = EmbeddedKafka.start(directory.resolve("one"));
        EmbeddedKafka two = EmbeddedKafka.start(directory.resolve("two"))) {
      createTopic(one);
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", two.bootstrapServers()))) {
        assertThat(admin.listTopics().names().get()).doesNotContain("events");
      }
    }
  }

  private static InetSocketAddress address(EmbeddedKafka kafka) {
    String[] hostAndPort = kafka.bootstrapServers().split(":");
    return new InetSocketAddress(hostAndPort[0], Integer.parseInt(hostAndPort[1]));
  }

  private static void connect(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()), 2000);
    }
  }

  private static void createTopic(EmbeddedKafka kafka) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic("events", 1, (short) 1))).all().get();
    }
  }

  private static void commitOneAbortOne(EmbeddedKafka kafka) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "test"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("events", "kept".getBytes(StandardCharsets.UTF_8)));
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("events", "lost".getBytes(StandardCharsets.UTF_8)));
      producer.flush();
      producer.abortTransaction();
    }
  }

  private static List<String> committed(EmbeddedKafka kafka) {
    TopicPartition partition = new TopicPartition("events", 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      List<ConsumerRecord<byte[], byte[]>> records = new java.util.ArrayList<>();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return consumer.position(partition) >= end;
              });
      return records.stream().map(r -> new String(r.value(), StandardCharsets.UTF_8)).toList();
    }
  }
}
