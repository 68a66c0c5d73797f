package dev.samgs.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultyStoreTest {
  @TempDir java.nio.file.Path directory;

  @Test
  void flinkFindsItAndItIsTheLocalDiskWhileNothingIsMarked() throws Exception {
    write("state", 7);
    assertThat(directory.resolve("state")).hasBinaryContent(new byte[] {7});
    assertThat(path("state").getFileSystem()).isInstanceOf(FaultyStore.class);
  }

  @Test
  void aFullStoreRefusesFilesAndWhatIsWrittenToOpenOnes() throws Exception {
    FileSystem store = path("open").getFileSystem();
    try (FSDataOutputStream open = store.create(path("open"), WriteMode.NO_OVERWRITE)) {
      open.write(1);
      mark(FaultyStore.FULL, "");
      assertThatThrownBy(() -> open.write(new byte[10]))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith("No space left on device");
      assertThatThrownBy(() -> write("below/another", 2))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith("No space left on device");
      Files.delete(directory.resolve(FaultyStore.FULL));
      open.write(3);
    }
    assertThat(directory.resolve("open")).hasBinaryContent(new byte[] {1, 3});
  }

  @Test
  void aHeldFileIsAnnouncedAndWrittenWhenTheMarkIsGone() throws Exception {
    mark(FaultyStore.HELD, ".*/chk-1/_metadata");
    CompletableFuture<Void> waiting = writing("chk-1/_metadata");
    java.nio.file.Path announcement = directory.resolve("chk-1/_metadata" + FaultyStore.WAITING);
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(announcement));
    write("chk-2/_metadata", 2);
    assertThat(waiting).isNotDone();

    Files.delete(directory.resolve(FaultyStore.HELD));
    waiting.get(20, TimeUnit.SECONDS);
    assertThat(directory.resolve("chk-1/_metadata")).hasBinaryContent(new byte[] {1});
    assertThat(announcement).doesNotExist();
  }

  private CompletableFuture<Void> writing(String name) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            write(name, 1);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        });
  }

  private void write(String name, int value) throws IOException {
    try (FSDataOutputStream out =
        path(name).getFileSystem().create(path(name), WriteMode.NO_OVERWRITE)) {
      out.write(value);
    }
  }

  private Path path(String name) {
    return new Path(FaultyStore.uri(directory) + "/" + name);
  }

  private void mark(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }
}
