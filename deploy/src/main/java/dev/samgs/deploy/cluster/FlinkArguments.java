package dev.samgs.deploy.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * What a process of a cluster is told.
 *
 * @param flink Flink's settings: those of {@code config.yaml} in the directory that the environment
 *     variable {@code FLINK_CONF_DIR} names, if it is set, and those given as {@code -D key=value}
 * @param others arguments that are not Flink's, in their order
 */
record FlinkArguments(Configuration flink, List<String> others) {

  /**
   * Sorts the arguments.
   *
   * @throws IllegalArgumentException if a setting is not of the form {@code key=value}
   */
  static FlinkArguments of(String[] args) {
    String directory = System.getenv("FLINK_CONF_DIR");
    Configuration flink =
        directory == null ? new Configuration() : GlobalConfiguration.loadConfiguration(directory);
    List<String> others = new ArrayList<>();
    List<String> left = new ArrayList<>(Arrays.asList(args));
    while (!left.isEmpty()) {
      String arg = left.remove(0);
      if (!arg.startsWith("-D")) {
        others.add(arg);
        continue;
      }
      String setting = arg.length() > 2 || left.isEmpty() ? arg.substring(2) : left.remove(0);
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("-D " + setting + " is not of the form -D key=value");
      }
      flink.setString(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return new FlinkArguments(flink, List.copyOf(others));
  }
}
