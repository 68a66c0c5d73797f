package dev.samgs.job.config;

import dev.samgs.spec.Setting;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Writes a tree of records as YAML that {@link YamlBinder} reads, with a comment on each key. */
final class YamlPrinter {
  private static final int WIDTH = 100;
  private static final String STEP = "  ";

  private final List<Choice> choices;
  private final StringBuilder out = new StringBuilder();

  private YamlPrinter(List<Choice> choices) {
    this.choices = choices;
  }

  /** The record and all in it, below a comment. */
  static String print(Record configuration, List<String> header, List<Choice> choices) {
    YamlPrinter printer = new YamlPrinter(choices);
    header.forEach(line -> printer.out.append(("# " + line).stripTrailing()).append('\n'));
    printer.components(configuration, "");
    return printer.out.toString();
  }

  private void components(Record record, String indent) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      if (indent.isEmpty() && out.length() > 0) {
        out.append('\n');
      }
      component(component, Defaults.component(record, component), indent);
    }
  }

  private void component(RecordComponent component, Object value, String indent) {
    Setting setting = component.getAnnotation(Setting.class);
    String key = Names.kebab(component.getName());
    if (setting != null) {
      comment(setting.value() + bounds(component, setting), indent);
    }
    if (value instanceof List<?> list && holdsRecords(component)) {
      records(key, elementType(component), list, indent);
    } else if (value instanceof List<?> list) {
      wrapped(key, list.stream().map(YamlPrinter::scalar).toList(), indent);
    } else if (value instanceof Map<?, ?> map) {
      map(key, map, indent);
    } else if (value == null) {
      out.append(indent).append("# ").append(key).append(":\n");
    } else if (ScalarForm.of(component.getType()) != null) {
      line(indent, key, scalar(value));
    } else {
      nested(component, key, (Record) value, indent);
    }
  }

  private void nested(RecordComponent component, String key, Record value, String indent) {
    line(indent, key, "");
    Optional<Choice> choice =
        choices.stream().filter(c -> c.type() == component.getType()).findFirst();
    if (choice.isPresent()) {
      comment(
          (choice.get().names().size() == 1 ? "only " : "one of ")
              + String.join(", ", choice.get().names()),
          indent + STEP);
      line(indent + STEP, choice.get().key(), choice.get().of(value).name());
    }
    components(value, indent + STEP);
  }

  private void map(String key, Map<?, ?> map, String indent) {
    line(indent, key, map.isEmpty() ? "{}" : "");
    map.forEach((k, v) -> line(indent + STEP, ScalarForm.quoted((String) k), scalar(v)));
  }

  /** Records in a list: one line each, with what differs from the defaults. */
  private void records(String key, Class<? extends Record> type, List<?> list, String indent) {
    Record defaults = Defaults.of(type);
    comment("each with", indent);
    for (RecordComponent component : type.getRecordComponents()) {
      Object standard = defaults == null ? null : Defaults.component(defaults, component);
      Setting setting = component.getAnnotation(Setting.class);
      comment(
          "  "
              + Names.kebab(component.getName())
              + (setting == null ? "" : ": " + setting.value() + bounds(component, setting))
              + (standard == null ? "" : "; " + flow(standard) + " if not given"),
          indent);
    }
    line(indent, key, "");
    for (Object item : list) {
      List<String> given = new ArrayList<>();
      for (RecordComponent component : type.getRecordComponents()) {
        Object value = Defaults.component((Record) item, component);
        Object standard = defaults == null ? null : Defaults.component(defaults, component);
        if (!Objects.equals(value, standard)) {
          given.add(Names.kebab(component.getName()) + ": " + flow(value));
        }
      }
      out.append(indent).append(STEP).append("- {");
      out.append(String.join(", ", given)).append("}\n");
    }
  }

  private static String flow(Object value) {
    return value instanceof List<?> list
        ? "[" + String.join(", ", list.stream().map(YamlPrinter::scalar).toList()) + "]"
        : scalar(value);
  }

  private void line(String indent, String key, String value) {
    out.append(indent).append((key + ": " + value).stripTrailing()).append('\n');
  }

  /** A list on one line, or on several where it is too long. */
  private void wrapped(String key, List<String> items, String indent) {
    String first = indent + key + ": [";
    int column = first.length();
    out.append(first);
    for (int i = 0; i < items.size(); i++) {
      String item = items.get(i) + (i < items.size() - 1 ? "," : "]");
      if (column + item.length() > WIDTH) {
        out.append('\n').append(indent).append(STEP);
        column = indent.length() + STEP.length();
      } else if (i > 0) {
        out.append(' ');
        column++;
      }
      out.append(item);
      column += item.length();
    }
    out.append(items.isEmpty() ? "]\n" : "\n");
  }

  private void comment(String text, String indent) {
    String lead = text.substring(0, text.length() - text.stripLeading().length());
    StringBuilder line = new StringBuilder(indent + "#" + lead);
    for (String word : text.strip().split(" ")) {
      if (line.length() + 1 + word.length() > WIDTH) {
        out.append(line).append('\n');
        line = new StringBuilder(indent + "#" + lead + (lead.isEmpty() ? "" : STEP));
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }

  private static String bounds(RecordComponent component, Setting setting) {
    Class<?> type =
        component.getType() == List.class
            ? elementType(component, Object.class)
            : component.getType();
    boolean low = setting.min() > Double.NEGATIVE_INFINITY;
    boolean high = setting.max() < Double.POSITIVE_INFINITY;
    if (!low && !high) {
      return "";
    }
    if (low && high) {
      return " ("
          + ScalarForm.bound(type, setting.min())
          + " to "
          + ScalarForm.bound(type, setting.max())
          + ")";
    }
    return low
        ? " (at least " + ScalarForm.bound(type, setting.min()) + ")"
        : " (at most " + ScalarForm.bound(type, setting.max()) + ")";
  }

  private static boolean holdsRecords(RecordComponent component) {
    return elementType(component, Object.class).isRecord()
        && ScalarForm.of(elementType(component, Object.class)) == null;
  }

  private static Class<? extends Record> elementType(RecordComponent component) {
    return elementType(component, Record.class);
  }

  private static <T> Class<? extends T> elementType(RecordComponent component, Class<T> bound) {
    ParameterizedType type = (ParameterizedType) component.getGenericType();
    return ((Class<?>) type.getActualTypeArguments()[0]).asSubclass(bound);
  }

  private static String scalar(Object value) {
    Class<?> type = value instanceof Enum<?> e ? e.getDeclaringClass() : value.getClass();
    return ScalarForm.of(type).print().apply(value);
  }
}
