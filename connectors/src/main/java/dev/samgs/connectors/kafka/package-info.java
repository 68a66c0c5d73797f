/**
 * Plain Kafka, without Flink: how to connect, what topics must look like, records of dead letters.
 */
package dev.samgs.connectors.kafka;
