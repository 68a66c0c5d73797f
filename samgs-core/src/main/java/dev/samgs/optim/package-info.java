/** Optimisers: how a gradient becomes a step. */
package dev.samgs.optim;
