package dev.samgs.spec;

/** How a gradient becomes a step. */
public enum OptimizerKind {
  /** Adam with bias correction, Kingma and Ba, arXiv:1412.6980. */
  ADAM,
  /** Heavy-ball momentum. */
  MOMENTUM,
  /** Plain stochastic gradient descent. */
  SGD
}
