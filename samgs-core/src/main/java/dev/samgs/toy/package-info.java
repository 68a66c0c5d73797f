/**
 * Two problems in the plane on which gradient conflict can be seen, by the authors of SAM-GS: a
 * runnable example of the surgery methods, and a picture.
 */
package dev.samgs.toy;
