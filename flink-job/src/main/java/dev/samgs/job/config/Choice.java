package dev.samgs.job.config;

import java.util.List;

/**
 * A setting that is one of several records, told apart by the name that stands under {@code key}.
 *
 * @param type what the options have in common
 * @param key the key that names the option, beside the option's own settings
 * @param options the options; the first is taken when none is named
 */
public record Choice(Class<?> type, String key, List<Option> options) {
  /**
   * One option.
   *
   * @param defaults settings that are used where the user gives none
   */
  public record Option(String name, Class<? extends Record> settings, Record defaults) {}

  /** The option that settings belong to: the one whose defaults they are, or the first. */
  Option of(Object settings) {
    return options.stream()
        .filter(o -> o.defaults().equals(settings))
        .findFirst()
        .or(() -> options.stream().filter(o -> o.settings().isInstance(settings)).findFirst())
        .orElseThrow(() -> new IllegalArgumentException("no option has the settings " + settings));
  }

  List<String> names() {
    return options.stream().map(Option::name).toList();
  }
}
