/** The online learner: predict first, then learn, on one stream of rows per model. */
package dev.samgs.learn;
