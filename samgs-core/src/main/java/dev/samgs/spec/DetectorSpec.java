package dev.samgs.spec;

/** Settings of one drift detector; each detector's class declares its own record of them. */
public interface DetectorSpec {}
