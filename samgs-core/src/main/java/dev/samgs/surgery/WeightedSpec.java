package dev.samgs.surgery;

import dev.samgs.spec.SurgerySpec;

/** Settings of a {@link Weighting}. */
interface WeightedSpec extends SurgerySpec {
  /** Largest norm of the direction; 0 for no clipping. */
  double maxNorm();
}
