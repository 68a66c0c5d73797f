package dev.samgs.spec;

import java.io.Serializable;

/** Settings of one drift detector; each detector's class declares its own record of them. */
public interface DetectorSpec extends Serializable {}
