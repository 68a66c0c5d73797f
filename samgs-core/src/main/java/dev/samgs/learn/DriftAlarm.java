package dev.samgs.learn;

/**
 * A task's error has risen.
 *
 * @param task name of the task
 * @param detector name of the detector that saw it
 * @param update the learner's update count at that time
 * @param timestamp event time of the row that triggered it
 * @param errorBefore mean error before the estimated change, in [0, 1]
 * @param errorAfter mean error after it, in [0, 1]
 * @param labelsSince labels of the task since the estimated change
 */
public record DriftAlarm(
    String task,
    String detector,
    long update,
    long timestamp,
    double errorBefore,
    double errorAfter,
    long labelsSince) {}
