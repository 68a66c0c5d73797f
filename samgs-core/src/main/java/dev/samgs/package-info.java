/**
 * The streaming multi-task learner: SAM-GS gradient surgery, the shared-trunk network, the
 * prequential online learner, drift detection and ONNX snapshots. Runs in any JVM program; knows
 * neither Kafka nor Flink.
 */
package dev.samgs;
