/**
 * The demonstration: a simulated factory, a broker, the training job and a predictor in one
 * process.
 */
package dev.samgs.deploy.demo;
