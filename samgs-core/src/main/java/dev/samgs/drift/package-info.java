/**
 * Drift detectors: each watches one stream of numbers, usually a task's prequential error, and says
 * when its mean has risen.
 */
package dev.samgs.drift;
