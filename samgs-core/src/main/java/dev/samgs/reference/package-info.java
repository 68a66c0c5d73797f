/**
 * The plain reference: SAM-GS, the network and the optimisers in ND4J operations, in double
 * precision, with the formulas as printed in the papers. Slow and easy to read; the fused float
 * code of the other packages is held equal to it by tests.
 */
package dev.samgs.reference;
