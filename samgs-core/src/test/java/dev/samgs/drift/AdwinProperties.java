package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class AdwinProperties {
  /**
   * Same alarms and same window as the definition, on streams whose level changes now and then. The
   * running sums differ from fresh ones by rounding only.
   */
  @Property(tries = 150, seed = "1")
  void itAlarmsAndForgetsAsTheDefinitionDoes(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 20) int power,
      @ForAll @IntRange(min = 1, max = 40) int checkEvery,
      @ForAll boolean binary) {
    SplittableRandom random = new SplittableRandom(seed);
    double delta = Math.scalb(1.0, -power);
    Adwin.Settings settings = new Adwin.Settings(delta, checkEvery, 50);
    Adwin adwin = new Adwin(settings);
    PlainAdwin plain = new PlainAdwin(settings);
    double level = random.nextDouble();
    for (int i = 0; i < 600; i++) {
      if (random.nextInt(150) == 0) {
        level = random.nextDouble();
      }
      double error =
          binary ? (random.nextDouble() < level ? 1 : 0) : (level + random.nextDouble()) / 2;
      assertThat(adwin.add(error)).as("alarm at error %d", i).isEqualTo(plain.add(error));
      assertThat(adwin.mean()).as("mean at error %d", i).isCloseTo(plain.mean(), within(1e-12));
    }
  }
}
