package dev.samgs.spec;

import java.io.Serializable;

/** How a change in what comes in, features and labels, is detected; no label is needed for it. */
public record ShiftSpec(
    @Setting(
            value =
                "latest rows that are compared with those before; even; 0 to watch neither features"
                    + " nor labels",
            min = 0,
            max = 1_000_000)
        int window,
    @Setting(
            value =
                "population stability index that is a shift; 0.1 is commonly called moderate, 0.25"
                    + " large",
            min = 0,
            max = 100)
        double threshold)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static ShiftSpec defaults() {
    return new ShiftSpec(512, 0.25);
  }

  public ShiftSpec {
    if (window != 0 && (window < 64 || window % 2 != 0)) {
      throw new InvalidSettingException(
          "window", "the window must be 0, or an even number of at least 64 rows");
    }
  }
}
