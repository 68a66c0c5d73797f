package dev.samgs.deploy.container;

/**
 * Images that are there, as the environment names them for the tests and for compose alike. Nothing
 * is pulled or built by a test: {@code deploy/docker/stand-ins/build} builds them.
 */
record Images(String samgs, String kafka, String prometheus) {
  /** Whether there is a Docker engine to run on; who names an image has one. */
  static boolean named() {
    return System.getenv("SAMGS_IMAGE") != null;
  }

  static Images fromEnvironment() {
    return new Images(
        System.getenv("SAMGS_IMAGE"),
        System.getenv("KAFKA_IMAGE"),
        System.getenv("PROMETHEUS_IMAGE"));
  }
}
