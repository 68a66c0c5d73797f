package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.state.StateSize;
import dev.samgs.spec.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitCommandTest {
  @TempDir Path directory;

  @Test
  void writesAConfigurationThatIsReadBackWithTheInferredModel() throws Exception {
    Path file = file("press line.csv");

    CommandRun run = CommandRun.of("init", "--data", file);

    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    JobConfiguration job = JobConfiguration.parse("model.yaml", run.out());
    assertThat(job.name()).isEqualTo("press-line");
    assertThat(job.model().features()).containsExactly("a", "b");
    assertThat(job.model().tasks())
        .containsExactly(
            TaskSpec.regression("width"),
            TaskSpec.binary("fault"),
            TaskSpec.multiclass("grade", 3));
    assertThat(run.out())
        .contains("# 30 rows, 2 features")
        .contains("multiclass, 3 classes")
        .contains(String.format(Locale.ROOT, "%,d bytes", StateSize.of(job.model()).bytes()));
  }

  @Test
  void aToldKindIsTakenAndMarked() throws Exception {
    CommandRun run =
        CommandRun.of(
            "init", "--data", file("x.csv"), "--task", "grade=regression", "--name", "press");

    JobConfiguration job = JobConfiguration.parse("model.yaml", run.out());
    assertThat(job.name()).isEqualTo("press");
    assertThat(job.model().tasks()).contains(TaskSpec.regression("grade"));
    assertThat(run.out().lines().filter(line -> line.contains("(as told)")))
        .singleElement()
        .asString()
        .contains("grade");
  }

  private Path file(String name) throws Exception {
    StringBuilder csv = new StringBuilder("ts,f_a,f_b,y_width,y_fault,y_grade\n");
    for (int i = 0; i < 30; i++) {
      csv.append(i).append(",1,2,").append(i / 7.0).append(',');
      csv.append(i % 2).append(',').append(i % 3).append('\n');
    }
    return Files.writeString(directory.resolve(name), csv);
  }
}
