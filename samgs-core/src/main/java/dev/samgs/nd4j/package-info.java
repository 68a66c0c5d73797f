/**
 * The one door to ND4J and its OpenBLAS: matrix products for the production path, on memory outside
 * the heap.
 */
package dev.samgs.nd4j;
