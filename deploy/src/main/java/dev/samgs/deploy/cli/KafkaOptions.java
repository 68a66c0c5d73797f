package dev.samgs.deploy.cli;

import dev.samgs.connectors.kafka.KafkaConnection;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How Kafka is reached. */
final class KafkaOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Brokers to begin with, separated by commas.")
  private String bootstrapServers;

  @Option(
      names = "--client-config",
      paramLabel = "FILE",
      description = "Properties file with further settings of Kafka clients, such as security.")
  private Path clientConfig;

  KafkaConnection connection() throws IOException {
    if (bootstrapServers == null) {
      throw new ParameterException(
          command.commandLine(), "Missing required option: '--bootstrap-servers=HOST:PORT'");
    }
    Map<String, String> settings = new HashMap<>();
    if (clientConfig != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(clientConfig)) {
        properties.load(reader);
      }
      properties.stringPropertyNames().forEach(n -> settings.put(n, properties.getProperty(n)));
    }
    return new KafkaConnection(bootstrapServers, settings);
  }
}
