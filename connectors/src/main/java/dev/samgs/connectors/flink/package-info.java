/**
 * What the Flink job needs of Kafka: the source of events, the sinks of results, and the type
 * information of everything that travels between operators.
 */
package dev.samgs.connectors.flink;
