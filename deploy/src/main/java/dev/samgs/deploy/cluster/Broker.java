package dev.samgs.deploy.cluster;

import dev.samgs.deploy.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A Kafka broker of one node in a process of its own, on loopback. */
public final class Broker {
  private Broker() {}

  /**
   * Runs until it is terminated.
   *
   * @param args directory of its data, which may hold those of an earlier run; port to listen on;
   *     port that clients are told to connect to
   */
  public static void main(String[] args) throws Exception {
    CountDownLatch terminated = new CountDownLatch(1);
    try (EmbeddedKafka kafka =
        EmbeddedKafka.start(
            Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), Map.of())) {
      Runtime.getRuntime().addShutdownHook(new Thread(terminated::countDown, "terminate"));
      System.out.println("broker at " + kafka.bootstrapServers());
      terminated.await();
    }
  }
}
