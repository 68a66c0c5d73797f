package dev.samgs.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.deploy.doctor.Finding.Level;
import dev.samgs.job.config.PortRange;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MachineChecksTest {
  private static final PortRange ANY = new PortRange(0, 0);

  private static List<Finding> of(String area, List<Finding> findings) {
    return findings.stream().filter(finding -> finding.area().equals(area)).toList();
  }

  @Test
  void thisMachineHasWhatIsNeeded() {
    List<Finding> findings = MachineChecks.run(Map.of(), "127.0.0.1", ANY);
    assertThat(findings).noneMatch(finding -> finding.level() == Level.BAD);
    assertThat(of("java", findings))
        .singleElement()
        .extracting(Finding::sentence)
        .asString()
        .contains("Java " + Runtime.version());
    assertThat(of("natives", findings))
        .extracting(Finding::sentence)
        .first()
        .isEqualTo("OpenBLAS multiplies");
    assertThat(of("port", findings)).extracting(Finding::level).containsExactly(Level.GOOD);
  }

  @Test
  void threadsAndKernelAreToBeSet() {
    assertThat(of("threads", MachineChecks.run(Map.of(), "127.0.0.1", ANY)))
        .singleElement()
        .matches(f -> f.level() == Level.WARNING && f.sentence().contains("OMP_NUM_THREADS"));
    assertThat(of("threads", MachineChecks.run(Map.of("OMP_NUM_THREADS", "1"), "127.0.0.1", ANY)))
        .singleElement()
        .matches(f -> f.level() == Level.WARNING && f.sentence().contains("OPENBLAS_CORETYPE"));
    Map<String, String> both = Map.of("OMP_NUM_THREADS", "1", "OPENBLAS_CORETYPE", "HASWELL");
    assertThat(of("threads", MachineChecks.run(both, "127.0.0.1", ANY)))
        .singleElement()
        .matches(f -> f.level() == Level.GOOD && f.sentence().contains("HASWELL"));
  }

  @Test
  void aPortThatIsTakenIsTold() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      PortRange port = new PortRange(taken.getLocalPort(), taken.getLocalPort());
      assertThat(of("port", MachineChecks.run(Map.of(), "127.0.0.1", port)))
          .singleElement()
          .matches(f -> f.level() == Level.WARNING && f.sentence().contains("no port of " + port));
    }
  }
}
