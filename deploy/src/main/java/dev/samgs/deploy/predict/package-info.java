/** A predictor as any JVM program could hold one: published models, served by ONNX Runtime. */
package dev.samgs.deploy.predict;
