package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MiniBatchRuleTest {
  private final MiniBatchRule rule = new MiniBatchRule(4, 1000);

  @Test
  void itIsFullWithEnoughLabelledRows() {
    assertThat(rule.full(9, 3)).isFalse();
    assertThat(rule.full(9, 4)).isTrue();
    assertThat(rule.full(9, 5)).isTrue();
  }

  @Test
  void eightMiniBatchesOfRowsFillItToo() {
    assertThat(rule.full(31, 0)).isFalse();
    assertThat(rule.full(32, 0)).isTrue();
    assertThat(new MiniBatchRule(Integer.MAX_VALUE, 0).full(Integer.MAX_VALUE, 0)).isFalse();
  }

  @Test
  void aPauseLongerThanTheGapClosesIt() {
    assertThat(rule.closesBefore(1, 5000, 6000)).isFalse();
    assertThat(rule.closesBefore(1, 5000, 6001)).isTrue();
  }

  @Test
  void aRowFromThePastClosesNothing() {
    assertThat(rule.closesBefore(3, 5000, 10)).isFalse();
  }

  @Test
  void withoutRowsThereIsNothingToClose() {
    assertThat(rule.closesBefore(0, Long.MIN_VALUE, 5000)).isFalse();
  }

  @Test
  void aGapOfZeroNeverCloses() {
    assertThat(new MiniBatchRule(4, 0).closesBefore(3, 0, Long.MAX_VALUE)).isFalse();
  }
}
