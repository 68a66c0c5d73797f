/** Exact binary form of state: what is written is read back bit for bit, on any machine. */
package dev.samgs.state;
