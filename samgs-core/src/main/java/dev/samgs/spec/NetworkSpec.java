package dev.samgs.spec;

import java.io.Serializable;
import java.util.List;

/**
 * Shape of the network: a shared trunk, a head per task, and an optional linear path from the
 * inputs to every head.
 */
public record NetworkSpec(
    @Setting(value = "widths of the shared hidden layers, first to last", min = 1, max = 65536)
        List<Integer> trunk,
    @Setting("relu, tanh or gelu") Activation activation,
    @Setting(
            value = "widths of each task's own hidden layers; empty for none",
            min = 1,
            max = 65536)
        List<Integer> head,
    @Setting("whether every head also sees the inputs directly through a linear path") boolean skip)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static NetworkSpec defaults() {
    return new NetworkSpec(List.of(64, 32), Activation.RELU, List.of(), true);
  }

  public NetworkSpec {
    trunk = List.copyOf(trunk);
    head = List.copyOf(head);
    if (trunk.isEmpty()) {
      throw new InvalidSettingException(
          "trunk", "the trunk needs at least one layer, for example [64, 32]");
    }
  }
}
