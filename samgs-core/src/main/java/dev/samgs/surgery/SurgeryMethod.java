package dev.samgs.surgery;

import dev.samgs.spec.SurgerySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The registry of gradient aggregation methods: name, settings and constructor of each. A new
 * method is one class and one line in {@link #ALL}.
 *
 * @param name the method's name in configuration, on the command line and in results
 * @param settings the record of its settings
 * @param defaults settings that are used where the user gives none
 */
public record SurgeryMethod(
    String name,
    Class<? extends SurgerySpec> settings,
    SurgerySpec defaults,
    Constructor constructor) {

  /**
   * Makes an aggregator for {@code tasks × parameters} gradients; {@code seed} feeds methods that
   * draw random numbers.
   */
  public interface Constructor {
    GradientAggregator create(SurgerySpec settings, int tasks, int parameters, long seed);
  }

  private static final List<SurgeryMethod> ALL = new ArrayList<>();

  static {
    register(
        "sam-gs",
        SamGs.Settings.class,
        SamGs.Settings.defaults(),
        (s, t, p, seed) -> new SamGs(s, t, p));
    register(
        "sum",
        LinearScalarisation.Settings.class,
        LinearScalarisation.Settings.defaults(),
        (s, t, p, seed) -> new LinearScalarisation(s, t, p));
  }

  private interface TypedConstructor<S extends SurgerySpec> {
    GradientAggregator create(S settings, int tasks, int parameters, long seed);
  }

  private static <S extends SurgerySpec> void register(
      String name, Class<S> settings, S defaults, TypedConstructor<S> constructor) {
    ALL.add(
        new SurgeryMethod(
            name,
            settings,
            defaults,
            (s, t, p, seed) -> constructor.create(settings.cast(s), t, p, seed)));
  }

  /** All methods, in the order of the documentation. */
  public static List<SurgeryMethod> all() {
    return List.copyOf(ALL);
  }

  /**
   * The method of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the valid names
   */
  public static SurgeryMethod named(String name) {
    return ALL.stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no surgery method '"
                        + name
                        + "'; the methods are "
                        + ALL.stream().map(SurgeryMethod::name).collect(Collectors.joining(", "))));
  }

  /** The method whose settings these are. */
  public static SurgeryMethod of(SurgerySpec settings) {
    return ALL.stream().filter(m -> m.settings().isInstance(settings)).findFirst().orElseThrow();
  }

  /** An aggregator with these settings. */
  public static GradientAggregator create(
      SurgerySpec settings, int tasks, int parameters, long seed) {
    return of(settings).constructor().create(settings, tasks, parameters, seed);
  }
}
