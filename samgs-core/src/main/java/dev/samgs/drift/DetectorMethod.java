package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The registry of drift detectors. A new detector is one class and one line in {@link #ALL}.
 *
 * @param name the detector's name in configuration and in results
 * @param settings the record of its settings
 * @param defaults settings that are used where the user gives none
 */
public record DetectorMethod(
    String name,
    Class<? extends DetectorSpec> settings,
    DetectorSpec defaults,
    Function<DetectorSpec, DriftDetector> constructor) {

  private static final List<DetectorMethod> ALL =
      List.of(
          entry(
              "e-detector",
              EDetector.Settings.class,
              EDetector.Settings.defaults(),
              EDetector::new),
          entry("adwin", Adwin.Settings.class, Adwin.Settings.defaults(), Adwin::new),
          entry(
              "page-hinkley",
              PageHinkley.Settings.class,
              PageHinkley.Settings.defaults(),
              PageHinkley::new),
          entry("ddm", Ddm.Settings.class, Ddm.Settings.defaults(), Ddm::new),
          entry("eddm", Eddm.Settings.class, Eddm.Settings.defaults(), Eddm::new),
          entry("hddm-a", HddmA.Settings.class, HddmA.Settings.defaults(), HddmA::new),
          entry("hddm-w", HddmW.Settings.class, HddmW.Settings.defaults(), HddmW::new),
          entry("kswin", Kswin.Settings.class, Kswin.Settings.defaults(), Kswin::new));

  private static <S extends DetectorSpec> DetectorMethod entry(
      String name, Class<S> settings, S defaults, Function<S, DriftDetector> constructor) {
    return new DetectorMethod(name, settings, defaults, s -> constructor.apply(settings.cast(s)));
  }

  /** All detectors, in the order of the documentation; the first is the default. */
  public static List<DetectorMethod> all() {
    return ALL;
  }

  /**
   * The detector of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the valid names
   */
  public static DetectorMethod named(String name) {
    return ALL.stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no drift detector '"
                        + name
                        + "'; the detectors are "
                        + ALL.stream()
                            .map(DetectorMethod::name)
                            .collect(Collectors.joining(", "))));
  }

  /** The detector whose settings these are. */
  public static DetectorMethod of(DetectorSpec settings) {
    return ALL.stream().filter(m -> m.settings().isInstance(settings)).findFirst().orElseThrow();
  }

  /** A new detector with these settings. */
  public static DriftDetector create(DetectorSpec settings) {
    return of(settings).constructor().apply(settings);
  }
}
