package dev.samgs.connectors.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  @Test
  void findsTheNameWithTheFewestEdits() {
    List<String> names = List.of("pressure", "flow", "flow_rate");
    assertThat(NearestName.to("presure", names)).isEqualTo("pressure");
    assertThat(NearestName.to("FLOW", names)).isEqualTo("flow");
    assertThat(NearestName.to("flowrate", names)).isEqualTo("flow_rate");
    assertThat(NearestName.to("", names)).isEqualTo("flow");
  }

  @Test
  void thereMayBeNone() {
    assertThat(NearestName.to("x", List.of())).isNull();
  }
}
