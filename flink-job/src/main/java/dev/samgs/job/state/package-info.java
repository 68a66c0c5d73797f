/**
 * What the job keeps per model, and in which binary form savepoints hold it. The names and forms
 * here are frozen: a change needs a new format number and a reader for the old one.
 */
package dev.samgs.job.state;
