/** JMH benchmarks of the connectors; see the profile {@code jmh} of the module. */
package dev.samgs.connectors.bench;
