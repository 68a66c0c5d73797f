package dev.samgs.deploy.simulator;

import java.nio.charset.StandardCharsets;

/** Ways in which a record can be spoilt on its way: each makes a good event one that is refused. */
enum Poison {
  /** Cut off in the middle. */
  TRUNCATED {
    @Override
    String spoil(String json) {
      return json.substring(0, json.length() / 2);
    }
  },
  /** A sensor that no model knows. */
  UNKNOWN_FEATURE {
    @Override
    String spoil(String json) {
      return json.replace("\"torque_nm\"", "\"torque_lbf_ft\"");
    }
  },
  /** A sensor that reads not-a-number. */
  NOT_A_NUMBER {
    @Override
    String spoil(String json) {
      return json.replace("\"supply_voltage_v\":400.0", "\"supply_voltage_v\":NaN");
    }
  },
  /** A number beyond the range of numbers. */
  HUGE_NUMBER {
    @Override
    String spoil(String json) {
      return json.replace("\"supply_voltage_v\":400.0", "\"supply_voltage_v\":4e999");
    }
  },
  /** Text where a number belongs. */
  WRONG_TYPE {
    @Override
    String spoil(String json) {
      return json.replace("\"supply_voltage_v\":400.0", "\"supply_voltage_v\":\"400 V\"");
    }
  };

  abstract String spoil(String json);

  /**
   * The event, spoilt.
   *
   * @throws IllegalStateException if it has nothing of what this poison spoils
   */
  byte[] spoil(byte[] event) {
    String json = new String(event, StandardCharsets.UTF_8);
    String spoilt = spoil(json);
    if (spoilt.equals(json)) {
      throw new IllegalStateException(this + " left the event as it was: " + json);
    }
    return spoilt.getBytes(StandardCharsets.UTF_8);
  }
}
