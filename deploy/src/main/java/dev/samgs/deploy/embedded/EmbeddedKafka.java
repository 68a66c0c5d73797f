package dev.samgs.deploy.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka broker in this JVM: one KRaft node, broker and controller at once, reachable on
 * loopback only. Its data are in the given directory and are not deleted by {@link #close}.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final int NODE = 1;
  private static final String CONTROLLER_LISTENER = "CONTROLLER";

  /** The same for all: a directory is only ever opened again as what it was. */
  private static final String CLUSTER = "samgs-embedded-kafka--";

  /** A free port can be taken by another process before the broker binds it. */
  private static final int ATTEMPTS = 5;

  private final KafkaRaftServer server;
  private final String bootstrapServers;
  private final String directServers;

  private EmbeddedKafka(KafkaRaftServer server, String bootstrapServers, String directServers) {
    this.server = server;
    this.bootstrapServers = bootstrapServers;
    this.directServers = directServers;
  }

  /**
   * Starts a broker on a free port.
   *
   * @param directory for its data: an empty one, or one that a broker was closed on, whose topics
   *     and transactions are then there again
   */
  public static EmbeddedKafka start(Path directory) throws IOException {
    format(directory);
    for (int attempt = 1; ; attempt++) {
      int port = freePort();
      try {
        return start(directory, port, port, Map.of());
      } catch (RuntimeException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Starts a broker on a port of the caller's: a broker that comes back has to be where its clients
   * look for it, and one behind a link has to send them there.
   *
   * @param directory as for {@link #start(Path)}
   * @param port where it listens
   * @param advertisedPort the port that it tells its clients to connect to
   * @param settings further settings of the broker, over ours
   */
  public static EmbeddedKafka start(
      Path directory, int port, int advertisedPort, Map<String, String> settings)
      throws IOException {
    format(directory);
    int directPort = freePort();
    Map<String, String> properties =
        new HashMap<>(properties(directory, port, advertisedPort, directPort, freePort()));
    properties.putAll(settings);
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
    try {
      server.startup();
    } catch (RuntimeException e) {
      server.shutdown();
      server.awaitShutdown();
      throw e;
    }
    return new EmbeddedKafka(server, "127.0.0.1:" + advertisedPort, "127.0.0.1:" + directPort);
  }

  private static void format(Path directory) throws IOException {
    try {
      new Formatter()
          .setNodeId(NODE)
          .setClusterId(CLUSTER)
          .setDirectories(List.of(directory.toString()))
          .setMetadataLogDirectory(directory.toString())
          .setIgnoreFormatted(true)
          .setControllerListenerName(CONTROLLER_LISTENER)
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the broker's directory " + directory + " could not be set up", e);
    }
  }

  private static Map<String, String> properties(
      Path directory, int port, int advertisedPort, int directPort, int controllerPort) {
    return Map.ofEntries(
        Map.entry("process.roles", "broker,controller"),
        Map.entry("node.id", Integer.toString(NODE)),
        Map.entry("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort),
        Map.entry("controller.listener.names", CONTROLLER_LISTENER),
        Map.entry(
            "listeners",
            "PLAINTEXT://127.0.0.1:"
                + port
                + ",DIRECT://127.0.0.1:"
                + directPort
                + ","
                + CONTROLLER_LISTENER
                + "://127.0.0.1:"
                + controllerPort),
        Map.entry(
            "advertised.listeners",
            "PLAINTEXT://127.0.0.1:" + advertisedPort + ",DIRECT://127.0.0.1:" + directPort),
        Map.entry(
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,DIRECT:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT"),
        // The end of a transaction is the broker's message to itself: no link is to lose it.
        Map.entry("inter.broker.listener.name", "DIRECT"),
        Map.entry("log.dirs", directory.toString()),
        Map.entry("auto.create.topics.enable", "false"),
        // One node is all there is.
        Map.entry("offsets.topic.replication.factor", "1"),
        Map.entry("offsets.topic.num.partitions", "1"),
        Map.entry("transaction.state.log.replication.factor", "1"),
        Map.entry("transaction.state.log.min.isr", "1"),
        Map.entry("transaction.state.log.num.partitions", "1"),
        Map.entry("share.coordinator.state.topic.replication.factor", "1"),
        Map.entry("share.coordinator.state.topic.min.isr", "1"),
        Map.entry("share.coordinator.state.topic.num.partitions", "1"),
        // Nobody else will join a group of this broker.
        Map.entry("group.initial.rebalance.delay.ms", "0"),
        // The least that the cleaner takes; its default is 128 MiB of heap.
        Map.entry("log.cleaner.dedupe.buffer.size", "2097152"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Where clients connect: {@code 127.0.0.1:} and the advertised port. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /**
   * Where clients connect that do not go by the advertised port, and so stay in touch with a broker
   * whose link is cut.
   */
  public String directServers() {
    return directServers;
  }

  /** Stops the broker and waits until it has stopped. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
