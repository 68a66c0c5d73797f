package dev.samgs.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedStateTest {
  @TempDir Path directory;

  @Test
  void thereIsNoneInADirectoryThatIsEmptyOrNotThere() {
    assertThat(SavedState.newest(directory.toUri().toString())).isEmpty();
    assertThat(SavedState.newest(directory.resolve("none").toUri().toString())).isEmpty();
  }

  @Test
  void theNewestThatWasCompletedIsTakenWhicheverRunWroteIt() throws IOException {
    completed("run-1/chk-12", 3000);
    completed("run-2/chk-9", 4000);
    completed("run-2/chk-10", 4000);
    Files.createDirectories(directory.resolve("run-2/chk-11"));
    Files.createDirectories(directory.resolve("run-2/shared"));

    SavedState newest = SavedState.newest(directory.toUri().toString()).orElseThrow();

    assertThat(newest.path()).endsWith("run-2/chk-10");
    assertThat(newest.savepoint()).isFalse();
    assertThat(newest.writtenMillis()).isEqualTo(4000);
  }

  @Test
  void aSavepointAfterTheLastCheckpointIsNewer() throws IOException {
    completed("run-1/chk-12", 3000);
    completed("savepoints/savepoint-ab12", 3001);

    SavedState newest = SavedState.newest(directory.toUri().toString()).orElseThrow();

    assertThat(newest.path()).endsWith("savepoints/savepoint-ab12");
    assertThat(newest.savepoint()).isTrue();
  }

  private void completed(String path, long millis) throws IOException {
    Path state = Files.createDirectories(directory.resolve(path));
    Files.setLastModifiedTime(
        Files.createFile(state.resolve("_metadata")), FileTime.fromMillis(millis));
  }
}
