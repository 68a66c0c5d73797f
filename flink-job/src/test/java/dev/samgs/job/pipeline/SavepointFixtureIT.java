package dev.samgs.job.pipeline;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.job.PlainRun;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.learn.Row;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A savepoint of the first released form of the state, frozen in {@code
 * src/test/resources/savepoints}: the job that wrote it had learned the first half of the events of
 * {@link Lines}. Every later version has to read it, or refuse it with a sentence that says what to
 * do.
 *
 * <p>A new form gets a directory of its own, written by the version that introduces it; the old
 * ones stay:
 *
 * <pre>{@code
 * mvn -pl flink-job -am verify -Dit.test=SavepointFixtureIT -Dtest=none \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
 *     -Dsamgs.write.savepoint=$PWD/flink-job/src/test/resources/savepoints/v2
 * }</pre>
 */
class SavepointFixtureIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();
  @RegisterExtension static final ClusterExtension CLUSTER = new ClusterExtension();

  private static final String WRITE = "samgs.write.savepoint";
  private static final int HALF = Lines.EVENTS / 2;

  private final Lines lines = new Lines();

  private static JobConfiguration job() {
    return TestJob.of("fixture", BROKER, CLUSTER, StateBackend.HASHMAP, false);
  }

  private static String frozen(String version) throws URISyntaxException {
    URL resource = SavepointFixtureIT.class.getResource("/savepoints/" + version + "/_metadata");
    assertThat(resource).as("savepoint fixture %s", version).isNotNull();
    return Path.of(resource.toURI()).getParent().toUri().toString();
  }

  @Test
  void theFirstFormOfTheStateIsReadAndGoesOnBitForBit() throws Exception {
    Map<String, SavedModels.SavedModel> saved = SavedModels.in(frozen("v1"), SPEC);
    assertThat(saved).containsOnlyKeys(Lines.MODELS);
    Map<String, List<String>> expected = new TreeMap<>();
    for (String model : Lines.MODELS) {
      PlainRun resumed = saved.get(model).resume(SPEC, Lines.SNAPSHOT_EVERY);
      int pending = saved.get(model).pendingRows().size();
      assertThat(resumed.state().rows() + pending).isEqualTo(HALF);
      List<Row> rest = Lines.rows(model).subList(HALF, Lines.EVENTS);
      expected.put(model, Lines.hashes(model, resumed.take(rest).finish()));
    }

    JobConfiguration job = job();
    // A broker that has never seen the job, with the events at the offsets that it read.
    Topics.prepare(
        BROKER.connection(),
        List.of(TopicPlan.events(job.input().topic(), job.kafka().partitions(), -1)));
    lines.send(BROKER.connection(), job.input().topic(), 0, HALF, List.of());
    lines.send(BROKER.connection(), job.input().topic(), HALF, Lines.EVENTS, List.of());
    JobID running = CLUSTER.start(job, frozen("v1"));
    Scrape.awaitEvents(Lines.MODELS.size() * (Lines.EVENTS - HALF));
    CLUSTER.drain(running);

    assertThat(Published.snapshots(BROKER.connection(), job)).isEqualTo(expected);
  }

  @Test
  @EnabledIfSystemProperty(
      named = WRITE,
      matches = ".+",
      disabledReason = "writes a savepoint only when -D" + WRITE + " names the directory")
  void writeASavepoint() throws Exception {
    JobConfiguration job = job();
    JobID running = CLUSTER.start(job, null);
    lines.send(BROKER.connection(), job.input().topic(), 0, HALF, List.of());
    Scrape.awaitEvents(Lines.MODELS.size() * HALF);
    awaitAllVisible(job);
    Path target = Path.of(System.getProperty(WRITE));
    Path savepoint = Path.of(URI.create(CLUSTER.stop(running)));
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(savepoint)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /**
   * Waits until a checkpoint has made all results visible: what the savepoint then holds of
   * transactions is nothing that a broker would have to know.
   */
  private static void awaitAllVisible(JobConfiguration job) {
    int snapshots = 0;
    int alarms = 0;
    for (String model : Lines.MODELS) {
      PlainRun plain = Lines.plain(model, 0, HALF);
      snapshots += plain.snapshots().size();
      alarms += plain.alarms();
    }
    awaitRecords(job.output().snapshots(), snapshots);
    awaitRecords(job.output().metrics(), snapshots * SPEC.tasks().size());
    awaitRecords(job.output().alarms(), alarms);
  }

  private static void awaitRecords(String topic, int count) {
    try (Published published = new Published(BROKER.connection(), topic)) {
      published.until(records -> records.size() >= count);
    }
  }
}
