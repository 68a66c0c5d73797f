/**
 * Labelled events as they arrive: what a record of the input topic holds, how it is decoded, and
 * what happens to one that cannot be. Knows neither Kafka's classes nor Flink's.
 */
package dev.samgs.connectors.event;
