/** A simulated factory: machines, sensors, labels, a change half-way, and records gone bad. */
package dev.samgs.deploy.simulator;
