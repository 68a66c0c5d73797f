/** Test-then-train over recorded streams: the loop, the figures and how they are judged. */
package dev.samgs.deploy.evaluate;
