package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import java.util.regex.Pattern;

/** What Kafka accepts as the name of a topic. */
final class TopicName {
  private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  private TopicName() {}

  static void check(String setting, String topic) {
    if (!LEGAL.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
      throw new InvalidSettingException(
          setting,
          "'" + topic + "' cannot be a topic; use letters, digits, '.', '_' and '-', at most 249");
    }
  }
}
