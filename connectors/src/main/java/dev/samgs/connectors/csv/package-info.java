/** Recorded streams: CSV files as rows for a learner, and their replay into a topic. */
package dev.samgs.connectors.csv;
