package dev.samgs.surgery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.spec.SurgerySpec;
import dev.samgs.surgery.SamGs.Equalise;
import dev.samgs.surgery.SamGs.Measure;
import dev.samgs.surgery.SamGs.Mode;
import dev.samgs.surgery.SamGs.Precision;
import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Threshold;
import dev.samgs.surgery.SamGs.Trigger;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract, for every registered method. */
class GradientAggregatorsTest {
  @Test
  void everyRegisteredMethodIsHeldToTheContract() throws ReflectiveOperationException {
    List<String> tested = new ArrayList<>();
    for (Class<?> nested : GradientAggregatorsTest.class.getDeclaredClasses()) {
      if (GradientAggregatorContract.class.isAssignableFrom(nested)
          && !Modifier.isAbstract(nested.getModifiers())) {
        var constructor = nested.getDeclaredConstructor(GradientAggregatorsTest.class);
        tested.add(((GradientAggregatorContract) constructor.newInstance(this)).method());
      }
    }
    assertThat(tested).containsAll(SurgeryMethod.all().stream().map(SurgeryMethod::name).toList());
  }

  @Nested
  class SamGsModulating extends GradientAggregatorContract {
    @Override
    String method() {
      return "sam-gs";
    }

    @Override
    SurgerySpec settings() {
      return SamGs.Settings.published(Trigger.MEAN, Scale.TASKS, 0, 0.9, 0.99, 0);
    }

    @Override
    boolean weightedSum() {
      return false;
    }

    @Override
    double degree() {
      return 2;
    }
  }

  @Nested
  class SamGsEqualising extends GradientAggregatorContract {
    @Override
    String method() {
      return "sam-gs";
    }

    @Override
    SurgerySpec settings() {
      return SamGs.Settings.published(Trigger.ANY_PAIR, Scale.NONE, 1, 0.9, 0.99, 0);
    }
  }

  @Nested
  class SamGsClipped extends GradientAggregatorContract {
    @Override
    String method() {
      return "sam-gs";
    }

    @Override
    SurgerySpec settings() {
      return SamGs.Settings.published(Trigger.MEAN, Scale.TASKS, 0.7, 0.9, 0.99, 1e-3);
    }

    @Override
    boolean weightedSum() {
      return false;
    }

    @Override
    double degree() {
      return 0;
    }
  }

  @Nested
  class SamGsWithEveryExtension extends GradientAggregatorContract {
    @Override
    String method() {
      return "sam-gs";
    }

    @Override
    SurgerySpec settings() {
      return new SamGs.Settings(
          Trigger.ANY_PAIR,
          Scale.TASKS,
          Mode.FULL,
          Equalise.OUTLIERS,
          Threshold.QUANTILE,
          0.9,
          0.1,
          0.95,
          0.5,
          1,
          8,
          4,
          0.9,
          0.99,
          Precision.BFLOAT16,
          Measure.LAST_LAYER,
          1e-3);
    }

    @Override
    double degree() {
      return 0;
    }
  }

  @Nested
  class SumContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "sum";
    }
  }

  @Nested
  class MeanContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "mean";
    }
  }

  @Nested
  class ConstantWeightsContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "weighted";
    }
  }

  @Nested
  class RandomLossWeightingContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "random";
    }

    @Override
    boolean random() {
      return true;
    }
  }

  @Nested
  class DynamicWeightAverageContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "dwa";
    }
  }

  @Nested
  class UncertaintyWeightingContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "uncertainty";
    }
  }

  @Nested
  class FamoContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "famo";
    }
  }

  @Nested
  class ScaleInvariantContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "scale-invariant";
    }
  }

  @Nested
  class GradDropContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "graddrop";
    }

    @Override
    boolean weightedSum() {
      return false;
    }

    @Test
    void aWeightIsTheShareOfTheGradientsNormThatWasKept() {
      GradientAggregator aggregator = SurgeryMethod.create(settings(), 1, 2, 1);
      float[] direction = new float[2];
      SurgeryStep alone = aggregator.aggregate(Gradients.of(new double[][] {{3, -4}}), direction);
      assertThat(alone.weight(0)).isEqualTo(1);

      aggregator = SurgeryMethod.create(settings(), 2, 2, 1);
      TaskGradients gradients = Gradients.of(new double[][] {{3, -4}, {-3, -4}});
      SurgeryStep step = aggregator.aggregate(gradients, direction);
      // The signs of the first parameter differ: one task keeps it, the other the second one only.
      assertThat(Math.min(step.weight(0), step.weight(1))).isEqualTo(0.8);
      assertThat(Math.max(step.weight(0), step.weight(1))).isEqualTo(1);
    }

    @Override
    boolean random() {
      return true;
    }

    /** The sign of a parameter is drawn once for all tasks. */
    @Override
    boolean permutationEquivariant() {
      return true;
    }
  }

  @Nested
  class PcGradContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "pcgrad";
    }

    @Override
    boolean random() {
      return true;
    }
  }

  @Nested
  class GradVacContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "gradvac";
    }

    @Override
    boolean random() {
      return true;
    }
  }

  @Nested
  class CaGradContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "cagrad";
    }
  }

  @Nested
  class MgdaContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "mgda";
    }
  }

  @Nested
  class ImtlGContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "imtl-g";
    }

    @Override
    boolean blindToTaskScales() {
      return true;
    }
  }

  @Nested
  class NashMtlContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "nash-mtl";
    }

    @Override
    SurgerySpec settings() {
      return new NashMtl.Settings(0);
    }

    @Override
    double degree() {
      return 0;
    }

    @Override
    boolean blindToTaskScales() {
      return true;
    }
  }

  @Nested
  class AlignedMtlContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "aligned-mtl";
    }
  }

  @Nested
  class UpGradContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "upgrad";
    }
  }

  @Nested
  class DualProjContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "dualproj";
    }
  }

  @Nested
  class ConFigContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "config";
    }

    @Override
    boolean blindToTaskScales() {
      return true;
    }
  }

  @Nested
  class FairGradContract extends GradientAggregatorContract {
    @Override
    String method() {
      return "fairgrad";
    }

    @Override
    SurgerySpec settings() {
      return new FairGrad.Settings(2, 0);
    }

    /** G w = w^(−1/α) makes w fall as s^(−2α/(1 + α)). */
    @Override
    double degree() {
      return -1.0 / 3;
    }
  }
}
