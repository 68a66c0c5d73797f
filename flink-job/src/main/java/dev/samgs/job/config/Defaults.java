package dev.samgs.job.config;

import dev.samgs.spec.Setting;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;

/** What a record's settings are when the user gives none: its static {@code defaults()}. */
final class Defaults {
  private Defaults() {}

  /** The record's defaults; null if the type has none. A component without default is null. */
  static <R extends Record> R of(Class<R> type) {
    try {
      return type.cast(type.getMethod("defaults").invoke(null));
    } catch (NoSuchMethodException e) {
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot get the defaults of " + type.getName(), e);
    }
  }

  /** The value of a component. */
  static Object component(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  /** Whether settings of that type can be left out altogether. */
  static boolean canBeEmpty(Class<?> type, List<Choice> choices) {
    if (!type.isRecord()) {
      return choices.stream().anyMatch(c -> c.type() == type);
    }
    Record defaults = of(type.asSubclass(Record.class));
    for (RecordComponent component : type.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      boolean optional = setting != null && setting.optional();
      boolean given = defaults != null && component(defaults, component) != null;
      if (!optional && !given && !canBeEmpty(component.getType(), choices)) {
        return false;
      }
    }
    return true;
  }
}
