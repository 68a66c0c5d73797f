package dev.samgs.surgery;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * A reproducible sequence of random numbers whose whole state is one number: SplitMix64 (G. Steele,
 * D. Lea, C. Flood, OOPSLA 2014).
 */
final class RandomSequence {
  private long state;

  RandomSequence(long seed) {
    state = seed;
  }

  private long nextLong() {
    state += 0x9E3779B97F4A7C15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Uniform in [0, 1). */
  double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** Standard normal, by Box and Muller. */
  double nextGaussian() {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * nextDouble());
  }

  /** Writes a random permutation of 0 … {@code length} − 1. */
  void permute(int[] order, int length) {
    for (int i = 0; i < length; i++) {
      int j = (int) (nextDouble() * (i + 1));
      order[i] = order[j];
      order[j] = i;
    }
  }

  void write(StateWriter out) throws IOException {
    out.writeLong(state);
  }

  void read(StateReader in) throws IOException {
    state = in.readLong();
  }
}
