package dev.samgs.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one user-visible setting. The YAML reader checks the bounds and quotes the line of a
 * value outside them; the configuration reference is printed from the descriptions.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** One sentence for the person who sets it: what it does and in which unit. */
  String value();

  /** Smallest permitted number (inclusive). */
  double min() default Double.NEGATIVE_INFINITY;

  /** Largest permitted number (inclusive). */
  double max() default Double.POSITIVE_INFINITY;

  /** Whether the setting may be left out although it has no default. */
  boolean optional() default false;
}
