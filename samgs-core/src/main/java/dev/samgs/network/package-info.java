/**
 * The multi-task network: a shared trunk, a head per task, manual back-propagation on flat float
 * arrays.
 */
package dev.samgs.network;
