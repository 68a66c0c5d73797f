/**
 * Published models at work: rows in, predictions out. Knows the ONNX graph and nothing of learning.
 */
package dev.samgs.predict;
