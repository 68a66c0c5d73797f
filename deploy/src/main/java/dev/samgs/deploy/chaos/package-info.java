/** Real processes, killed and cut off at random, and the proof that nothing came of it. */
package dev.samgs.deploy.chaos;
