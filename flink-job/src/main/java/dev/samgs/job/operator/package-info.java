/** The job's operators: decoding, training, encoding of snapshots, and what travels between. */
package dev.samgs.job.operator;
