/**
 * How events get in and results get out: event and label formats, dead letters, the Kafka source
 * and sinks of the Flink job, the snapshot follower of plain JVM predictors, and CSV replay. Builds
 * on the core and knows neither the job nor how it is deployed.
 */
package dev.samgs.connectors;
