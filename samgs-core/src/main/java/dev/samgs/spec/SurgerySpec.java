package dev.samgs.spec;

/**
 * Settings of one gradient aggregation method; each method's class declares its own record of them.
 */
public interface SurgerySpec {}
