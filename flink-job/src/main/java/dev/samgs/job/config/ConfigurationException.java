package dev.samgs.job.config;

import java.util.List;

/** A configuration that cannot be used; every problem is one sentence with file and line. */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  /**
   * @param problems at least one, in the order of the file
   */
  public ConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** The problems, in the order in which they were found. */
  public List<String> problems() {
    return problems;
  }
}
