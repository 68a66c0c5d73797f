/**
 * Snapshots on their topic: the record, and how a plain JVM program follows the newest version of
 * each model. Needs the Kafka client and nothing of Flink.
 */
package dev.samgs.connectors.snapshot;
