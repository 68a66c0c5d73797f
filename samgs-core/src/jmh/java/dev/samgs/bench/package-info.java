/**
 * Benchmarks of the core beside their floors: the bytes that must move at the copy bandwidth, or
 * the multiply-adds that must be done at the rate of the matrix products, measured in the same run.
 * Never part of a build or of what is handed on; {@link dev.samgs.bench.Benchmarks} runs them.
 */
package dev.samgs.bench;
