package dev.samgs.spec;

import java.io.Serializable;

/**
 * When a model is published. A candidate is due as soon as one of the three says so.
 *
 * @param updates at every multiple of so many updates; 0 for not by updates
 * @param millis at every multiple of so many milliseconds of event time; 0 for not by time
 * @param improvement when a task's loss on recent rows has fallen below the published model's by
 *     this share of it and no task is worse; 0 for not by improvement
 * @param gate when a candidate that is due is held back
 */
public record PublishingSpec(long updates, long millis, double improvement, GateSpec gate)
    implements Serializable {}
