package dev.samgs.deploy.demo;

import dev.samgs.job.config.PortRange;
import java.time.Duration;

/**
 * What a demonstration is told.
 *
 * @param duration how long the factory sends
 * @param rate records that it sends per second
 * @param port where metrics are served; null for the demonstration's own range
 * @param console where the console is served; null for nowhere
 * @param surgery name of the gradient surgery method; null for the default
 * @param seed of the simulated factory
 */
public record DemoSettings(
    Duration duration, double rate, PortRange port, PortRange console, String surgery, long seed) {}
