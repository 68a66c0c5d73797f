package dev.samgs.spec;

/**
 * A combination of settings that cannot work. The message is one sentence for the person who wrote
 * them.
 */
public final class InvalidSettingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String setting;

  /**
   * @param setting name of the record component at fault, as in the code ({@code miniBatch})
   * @param problem what is wrong and what to do, without a leading name
   */
  public InvalidSettingException(String setting, String problem) {
    super(problem);
    this.setting = setting;
  }

  /** Name of the record component at fault. */
  public String setting() {
    return setting;
  }
}
