/**
 * The one door to ND4J and its OpenBLAS: matrix products for the production path, on plain float
 * arrays.
 */
package dev.samgs.nd4j;
