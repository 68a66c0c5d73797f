package dev.samgs.deploy.doctor;

import ai.onnxruntime.OrtEnvironment;
import com.sun.management.OperatingSystemMXBean;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.job.config.PortRange;
import dev.samgs.nd4j.Matrix;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Looks at the Java, the memory, the native libraries, the disk and the ports of this machine. */
public final class MachineChecks {
  private static final int OLDEST_JAVA = 17;
  private static final long LEAST_DISK = 1L << 30;

  /** Beside the heap: natives, threads, page cache of what the broker reads. */
  private static final double LARGEST_HEAP_SHARE = 0.75;

  private final Map<String, String> environment;
  private final List<Finding> findings = new ArrayList<>();

  private MachineChecks(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Looks at everything.
   *
   * @param environment environment variables, {@link System#getenv()}
   * @param host address of the metrics port
   * @param metrics port or ports that metrics would be served on
   */
  public static List<Finding> run(Map<String, String> environment, String host, PortRange metrics) {
    MachineChecks checks = new MachineChecks(environment);
    checks.java();
    checks.memory();
    checks.threads();
    checks.natives();
    checks.disk();
    checks.port(host, metrics);
    return checks.findings;
  }

  private void java() {
    int feature = Runtime.version().feature();
    String java = "Java " + Runtime.version() + " of " + System.getProperty("java.vendor");
    if (feature < OLDEST_JAVA) {
      findings.add(Finding.bad("java", java + " is too old; install " + OLDEST_JAVA + " or newer"));
    } else if (!System.getProperty("os.arch").contains("64")) {
      findings.add(
          Finding.bad(
              "java", java + " has 32 bits, and the native libraries have 64; install one"));
    } else {
      findings.add(Finding.good("java", java));
    }
  }

  private void memory() {
    long heap = Runtime.getRuntime().maxMemory();
    long machine =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    String sizes = Figures.bytes(heap) + " of heap, " + Figures.bytes(machine) + " of memory";
    findings.add(
        heap > LARGEST_HEAP_SHARE * machine
            ? Finding.warning("memory", sizes + ": little is left for native libraries; lower -Xmx")
            : Finding.good("memory", sizes));
    findings.add(
        "0".equals(System.getProperty("org.bytedeco.javacpp.maxphysicalbytes"))
            ? Finding.good("memory", "native memory is not held against the heap's limit")
            : Finding.warning(
                "memory",
                "javacpp counts the whole process against the heap's limit and can stop training;"
                    + " set -Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
  }

  private void threads() {
    if (!"1".equals(environment.get("OMP_NUM_THREADS"))) {
      findings.add(
          Finding.warning(
              "threads",
              "OMP_NUM_THREADS is not 1: small products run slower on several threads; set it"));
    } else if (environment.getOrDefault("OPENBLAS_CORETYPE", "").isEmpty()) {
      findings.add(
          Finding.warning(
              "threads",
              "OPENBLAS_CORETYPE is not set: weights differ in the last bits between kinds of"
                  + " processors; set it to the same on all machines, HASWELL for example"));
    } else {
      findings.add(
          Finding.good(
              "threads", "one thread per product, kernel " + environment.get("OPENBLAS_CORETYPE")));
    }
  }

  private void natives() {
    try {
      float[] product = new float[1];
      Matrix left = new Matrix().shape(1, 2);
      Matrix right = new Matrix().shape(1, 2);
      left.put(new float[] {2, 3});
      right.put(new float[] {5, 7});
      Matrix result = new Matrix().shape(1, 1);
      result.multiplyTransposed(left, right, 0f);
      result.get(product);
      findings.add(
          product[0] == 31
              ? Finding.good("natives", "OpenBLAS multiplies")
              : Finding.bad("natives", "OpenBLAS says that 2*5 + 3*7 is " + product[0]));
    } catch (LinkageError | RuntimeException e) {
      findings.add(
          Finding.bad(
              "natives",
              "OpenBLAS cannot be loaded ("
                  + e.getMessage()
                  + "); check that the class path has the natives of this platform, and that"
                  + " org.bytedeco.javacpp.cachedir can be written"));
    }
    try {
      findings.add(
          Finding.good("natives", "ONNX Runtime with " + OrtEnvironment.getAvailableProviders()));
    } catch (LinkageError | RuntimeException e) {
      findings.add(
          Finding.warning(
              "natives",
              "ONNX Runtime cannot be loaded ("
                  + e.getMessage()
                  + "); predict with --scorer built-in"));
    }
  }

  private void disk() {
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      Files.delete(Files.createTempFile(directory, "samgs-doctor", ""));
      long free = Files.getFileStore(directory).getUsableSpace();
      findings.add(
          free < LEAST_DISK
              ? Finding.warning(
                  "disk",
                  "only " + Figures.bytes(free) + " are free in " + directory + "; set TMPDIR")
              : Finding.good("disk", Figures.bytes(free) + " are free in " + directory));
    } catch (IOException e) {
      findings.add(
          Finding.bad("disk", directory + " cannot be written to (" + e + "); set TMPDIR"));
    }
  }

  private void port(String host, PortRange ports) {
    for (int port = ports.first(); port <= ports.last(); port++) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(host, port));
        findings.add(Finding.good("port", "metrics can be served on " + host + ":" + port));
        return;
      } catch (IOException e) {
        // The next one may be free. That none is, is told below.
        continue;
      }
    }
    findings.add(
        Finding.warning(
            "port",
            "no port of "
                + ports
                + " is free on "
                + host
                + ": the job would run without metrics; set metrics.port"));
  }
}
