/**
 * Flink's two processes, started from the class path of the launcher: where there is no Flink
 * distribution, in images of our own, and to be killed on purpose.
 */
package dev.samgs.deploy.cluster;
