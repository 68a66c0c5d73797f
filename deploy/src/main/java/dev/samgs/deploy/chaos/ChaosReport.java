package dev.samgs.deploy.chaos;

import java.util.Map;

/**
 * What came of it, next to an undisturbed run over the same events.
 *
 * @param events that were sent, and learned
 * @param kills processes killed
 * @param faults how often each kind of fault was made
 * @param records committed reports of the disturbed run
 * @param versions versions of models in them
 * @param lost reports of the undisturbed run that the disturbed one did not make
 * @param doubled reports made twice, or after a later one
 * @param different reports that were made, but say something else
 * @param weightsEqual whether every model's last snapshot is the same, bit for bit, and no report
 *     differs
 * @param recoverySeconds median and 95th percentile of the time from a fault to the first committed
 *     report that covers events sent after it
 */
public record ChaosReport(
    long events,
    int kills,
    Map<Fault, Integer> faults,
    long records,
    long versions,
    long lost,
    long doubled,
    long different,
    boolean weightsEqual,
    Quantiles recoverySeconds) {

  /** Two quantiles of a sample. */
  public record Quantiles(double p50, double p95) {}

  /** Whether the disturbed run left nothing to be told from the undisturbed one. */
  public boolean exact() {
    return lost == 0 && doubled == 0 && different == 0 && weightsEqual;
  }
}
