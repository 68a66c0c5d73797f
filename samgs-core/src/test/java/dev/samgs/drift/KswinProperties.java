package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class KswinProperties {
  private static final int WINDOW = 40;
  private static final int RECENT = 15;

  /** Same alarms as the definition, evaluated afresh with every error; with and without ties. */
  @Property(tries = 100, seed = "1")
  void itAlarmsWhereTheDefinitionDoes(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int power, @ForAll boolean ties) {
    double alpha = Math.scalb(1.0, -power);
    Kswin kswin = new Kswin(new Kswin.Settings(alpha, WINDOW, RECENT));
    List<Double> window = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    double level = random.nextDouble();
    for (int i = 0; i < 500; i++) {
      if (random.nextInt(100) == 0) {
        level = random.nextDouble();
      }
      double error = (level + random.nextDouble()) / 2;
      error = ties ? Math.round(8 * error) / 8.0 : error;
      window.add(error);
      if (window.size() > WINDOW) {
        window.remove(0);
      }
      boolean alarm = window.size() == WINDOW && chance(window) < alpha;
      assertThat(kswin.add(error)).as("error %d", i).isEqualTo(alarm);
      if (alarm) {
        int since = (int) kswin.change().valuesSince();
        window.subList(0, window.size() - since).clear();
      }
    }
  }

  private static double chance(List<Double> window) {
    List<Double> older = window.subList(0, WINDOW - RECENT);
    List<Double> recent = window.subList(WINDOW - RECENT, WINDOW);
    double d = 0;
    for (double x : window) {
      d = Math.max(d, share(older, x) - share(recent, x));
    }
    double n = older.size();
    double m = recent.size();
    return Math.exp(-2 * d * d * n * m / (n + m));
  }

  private static double share(List<Double> values, double limit) {
    return (double) values.stream().filter(x -> x <= limit).count() / values.size();
  }
}
