/**
 * Micrometer instruments of learners: what one scrape tells about every model and task. Who scrapes
 * is the caller's choice of registry.
 */
package dev.samgs.metrics;
