/**
 * Predictors that follow the published models: an HTTP server, a topic to topic stream, and ONNX
 * Runtime as a scorer beside the built-in one.
 */
package dev.samgs.deploy.predict;
