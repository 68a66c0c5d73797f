/**
 * Multi-task gradient aggregation: how the gradients of several tasks over shared parameters become
 * one direction. {@link dev.samgs.surgery.SamGs} is the method this project exists for.
 */
package dev.samgs.surgery;
