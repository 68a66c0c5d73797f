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
    direct("sam-gs", SamGs.Settings.defaults(), (s, t, p, seed) -> new SamGs(s, t, p));
    direct(
        "sum",
        LinearScalarisation.Settings.defaults(),
        (s, t, p, seed) -> new LinearScalarisation(s, t, p));
    weighted("mean", Mean.Settings.defaults(), (s, tasks, seed) -> new Mean());
    weighted(
        "weighted",
        ConstantWeights.Settings.defaults(),
        (s, tasks, seed) -> new ConstantWeights(s, tasks));
    weighted(
        "random",
        RandomLossWeighting.Settings.defaults(),
        (s, tasks, seed) -> new RandomLossWeighting(seed));
    weighted(
        "dwa",
        DynamicWeightAverage.Settings.defaults(),
        (s, tasks, seed) -> new DynamicWeightAverage(s, tasks));
    weighted(
        "uncertainty",
        UncertaintyWeighting.Settings.defaults(),
        (s, tasks, seed) -> new UncertaintyWeighting(s, tasks));
    weighted("famo", Famo.Settings.defaults(), (s, tasks, seed) -> new Famo(s, tasks));
    weighted(
        "scale-invariant",
        ScaleInvariant.Settings.defaults(),
        (s, tasks, seed) -> new ScaleInvariant());
    direct("graddrop", GradDrop.Settings.defaults(), GradDrop::new);
    weighted("pcgrad", PcGrad.Settings.defaults(), (s, tasks, seed) -> new PcGrad(tasks, seed));
    weighted(
        "gradvac", GradVac.Settings.defaults(), (s, tasks, seed) -> new GradVac(s, tasks, seed));
    weighted("cagrad", CaGrad.Settings.defaults(), (s, tasks, seed) -> new CaGrad(s, tasks));
    weighted("mgda", Mgda.Settings.defaults(), (s, tasks, seed) -> new Mgda(tasks));
    weighted("imtl-g", ImtlG.Settings.defaults(), (s, tasks, seed) -> new ImtlG(tasks));
    weighted("nash-mtl", NashMtl.Settings.defaults(), (s, tasks, seed) -> new NashMtl(tasks));
    weighted(
        "aligned-mtl",
        AlignedMtl.Settings.defaults(),
        (s, tasks, seed) -> new AlignedMtl(s, tasks));
    weighted("upgrad", UpGrad.Settings.defaults(), (s, tasks, seed) -> new UpGrad(s, tasks));
    weighted("dualproj", DualProj.Settings.defaults(), (s, tasks, seed) -> new DualProj(s, tasks));
    weighted("config", ConFig.Settings.defaults(), (s, tasks, seed) -> new ConFig(s, tasks));
    weighted("fairgrad", FairGrad.Settings.defaults(), (s, tasks, seed) -> new FairGrad(s, tasks));
  }

  private interface Direct<S extends SurgerySpec> {
    GradientAggregator create(S settings, int tasks, int parameters, long seed);
  }

  private interface Weighted<S extends WeightedSpec> {
    Weighting create(S settings, int tasks, long seed);
  }

  private static <S extends SurgerySpec> void direct(
      String name, S defaults, Direct<S> constructor) {
    @SuppressWarnings("unchecked") // the class of an S
    Class<S> settings = (Class<S>) defaults.getClass();
    ALL.add(
        new SurgeryMethod(
            name,
            settings,
            defaults,
            (s, t, p, seed) -> constructor.create(settings.cast(s), t, p, seed)));
  }

  private static <S extends WeightedSpec> void weighted(
      String name, S defaults, Weighted<S> constructor) {
    direct(
        name,
        defaults,
        (s, tasks, parameters, seed) ->
            new WeightedAggregator(
                constructor.create(s, tasks, seed), tasks, parameters, s.maxNorm()));
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
