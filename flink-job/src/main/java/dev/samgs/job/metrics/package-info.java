/** Prometheus metrics of a task manager: one registry and one HTTP server for all its subtasks. */
package dev.samgs.job.metrics;
