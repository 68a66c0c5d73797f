/** Model snapshots: a trained model as a self-contained ONNX graph with its provenance. */
package dev.samgs.snapshot;
