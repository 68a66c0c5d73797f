package dev.samgs.deploy.bench;

import java.nio.file.Path;

/**
 * What the drift benchmark is told.
 *
 * @param events errors without a change, over which false alarms are counted
 * @param streams streams of each kind of change
 * @param data directory of the recorded streams; null for none
 */
public record DriftBenchSettings(int events, int streams, Path data) {}
