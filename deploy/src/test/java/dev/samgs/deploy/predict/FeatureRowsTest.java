package dev.samgs.deploy.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureRowsTest {
  private static final List<String> FEATURES = List.of("temperature", "vibration");

  private static FeatureRows read(String body) throws RequestRefusedException {
    return FeatureRows.read(body.getBytes(StandardCharsets.UTF_8), FEATURES);
  }

  @Test
  void aRowComesByNameOrInOrderAndWhatIsNotThereIsMissing() throws Exception {
    FeatureRows named = read("{\"features\": {\"vibration\": 0.5}}");
    assertThat(named.single()).isTrue();
    assertThat(named.values()).containsExactly(Double.NaN, 0.5);
    assertThat(read("{\"features\": [1e3, null]}").values()).containsExactly(1000, Double.NaN);
    assertThat(read("{\"features\": {\"temperature\": null}}").values())
        .containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void manyRowsMayMixTheForms() throws Exception {
    FeatureRows rows =
        read("{\"instances\": [[1, 2], {\"temperature\": 3}, {\"vibration\": -4}, {}]}");
    assertThat(rows.single()).isFalse();
    assertThat(rows.rows()).isEqualTo(4);
    assertThat(rows.values())
        .startsWith(1, 2, 3, Double.NaN, Double.NaN, -4, Double.NaN, Double.NaN);
  }

  @Test
  void moreRowsThanTheLimitAreRefused() {
    String row = "[1,2],";
    String body = "{\"instances\":[" + row.repeat(FeatureRows.MAX_ROWS) + "[1,2]]}";
    assertThatThrownBy(() -> read(body))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessage("a request can have at most 4096 instances; send several requests");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[1, 2]                                    | the body must be an object",
        "{}                                        | neither \"features\" nor \"instances\"",
        "{\"feature\": [1, 2]}                     | there is no field 'feature'; did you mean 'features'?",
        "{\"features\": 1}                         | features must be an object of features by name, or an array of all 2",
        "{\"features\": {\"temprature\": 1}}       | features: there is no feature 'temprature'; did you mean 'temperature'?",
        "{\"features\": [1]}                       | features has 1 values, but the model has 2 features; write null",
        "{\"features\": [1, 2, [3]]}               | features has 3 values",
        "{\"features\": {\"vibration\": \"1\"}}    | features.vibration must be a number, or null if it is missing",
        "{\"features\": [1, true]}                 | features[1] must be a number",
        "{\"features\": [1, {}]}                   | features[1] must be a number",
        "{\"features\": [1, 1e999]}                | features[1] is too large for a double",
        "{\"features\": [1, NaN]}                  | the body is no JSON that can be read",
        "{\"features\": [1, 2], \"instances\": []} | behind \"features\" nothing more is expected",
        "{\"features\": [1, 2]} {}                 | something follows the end",
        "{\"features\": {\"vibration\": 1, \"vibration\": 2}} | Duplicate field 'vibration'",
        "{\"instances\": {}}                       | \"instances\" must be an array of rows",
        "{\"instances\": []}                       | \"instances\" is empty",
        "{\"instances\": [[1, 2], [\"x\", 2]]}     | instances[1][0] must be a number",
        "{\"instances\": [[1, 2]                   | the body is no JSON that can be read",
      })
  void whatIsWrongIsToldWithItsPlace(String body, String sentence) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void anEmptyBodyIsToldToo() {
    assertThatThrownBy(() -> read("")).hasMessageContaining("the body must be an object");
  }
}
