/** Measures the whole system on the machine at hand. */
package dev.samgs.deploy.bench;
