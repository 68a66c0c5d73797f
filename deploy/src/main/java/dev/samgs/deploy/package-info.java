/**
 * Everything that runs the system: the {@code samgs} command, the embedded stack of a Kafka broker
 * and a Flink mini cluster in one JVM, and the predictor and console servers. Nothing depends on
 * this module.
 */
package dev.samgs.deploy;
