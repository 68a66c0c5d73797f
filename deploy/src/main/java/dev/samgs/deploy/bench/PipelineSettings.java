package dev.samgs.deploy.bench;

import dev.samgs.connectors.event.EventFormat;
import dev.samgs.spec.Preset;
import java.time.Duration;
import java.util.List;

/**
 * What {@link PipelineBench} is to measure.
 *
 * @param events events of the measured run
 * @param models models that they are spread over, in turn
 * @param preset the learner's settings
 * @param features features of every event
 * @param trunk widths of the network's shared layers
 * @param tasks labels of every event: in turn regression, binary and of three classes
 * @param format form of the events
 * @param parallelism subtasks of every operator
 * @param snapshotEvery updates of a model between two snapshots of it; 0 for none but the last
 * @param gate whether snapshots are compared before they go out
 * @param paced how long events are sent at half the rate; zero to leave out the latency
 */
public record PipelineSettings(
    long events,
    int models,
    Preset preset,
    int features,
    List<Integer> trunk,
    int tasks,
    EventFormat format,
    int parallelism,
    long snapshotEvery,
    boolean gate,
    Duration paced) {}
