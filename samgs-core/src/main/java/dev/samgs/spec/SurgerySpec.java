package dev.samgs.spec;

import java.io.Serializable;

/**
 * Settings of one gradient aggregation method; each method's class declares its own record of them.
 */
public interface SurgerySpec extends Serializable {}
