package dev.samgs.deploy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SweepTest {
  @Test
  void everyValueMeetsEveryOther() {
    Sweep sweep = Sweep.parse(List.of("gamma=0.1,0.5,0.9", "passes=1, 2"));
    assertThat(sweep.size()).isEqualTo(6);
    assertThat(sweep.combinations().stream().map(Sweep::name))
        .containsExactly(
            "gamma=0.1 passes=1",
            "gamma=0.1 passes=2",
            "gamma=0.5 passes=1",
            "gamma=0.5 passes=2",
            "gamma=0.9 passes=1",
            "gamma=0.9 passes=2");
  }

  @Test
  void commasInsideBracketsSeparateNothing() {
    Sweep sweep = Sweep.parse(List.of("trunk=[64,32],[128],[]"));
    assertThat(sweep.settings().get("trunk")).containsExactly("[64,32]", "[128]", "[]");
  }

  @Test
  void refusesWhatIsNotOfTheForm() {
    for (String word : List.of("gamma", "=1", "gamma=")) {
      assertThatThrownBy(() -> Sweep.parse(List.of(word)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("SETTING=VALUE");
    }
    assertThatThrownBy(() -> Sweep.parse(List.of("gamma=1", "gamma=2")))
        .hasMessageContaining("twice");
  }
}
