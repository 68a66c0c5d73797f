package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Binds a YAML document to a tree of records. Keys are the components' names in kebab case; what is
 * left out comes from the record's static {@code defaults()}; {@link Setting} gives the bounds. All
 * problems are collected, each with its line.
 */
final class YamlBinder {
  private final String file;
  private final List<Choice> choices;
  private final List<String> problems = new ArrayList<>();

  private YamlBinder(String file, List<Choice> choices) {
    this.file = file;
    this.choices = choices;
  }

  /**
   * Reads a document.
   *
   * @param file name of the file in messages
   * @param choices settings that are one of several records
   * @throws ConfigurationException with every problem found
   */
  static <T extends Record> T bind(Class<T> type, String file, String text, List<Choice> choices)
      throws ConfigurationException {
    YamlBinder binder = new YamlBinder(file, choices);
    T bound = binder.document(type, null, text);
    if (!binder.problems.isEmpty()) {
      throw new ConfigurationException(binder.problems);
    }
    return bound;
  }

  /**
   * Reads settings that change a record; what the text leaves out stays as it is. The problems are
   * sentences without a line.
   *
   * @throws ConfigurationException with every problem found
   */
  static <T extends Record> T rebind(T given, String text, List<Choice> choices)
      throws ConfigurationException {
    YamlBinder binder = new YamlBinder(null, choices);
    @SuppressWarnings("unchecked")
    T bound = (T) binder.document(given.getClass(), given, text);
    if (!binder.problems.isEmpty()) {
      throw new ConfigurationException(binder.problems);
    }
    return bound;
  }

  /** Where a value stands: its path for people, and the line of its key. */
  private record Place(String path, int line) {
    Place at(String key, int keyLine) {
      return new Place(path.isEmpty() ? key : path + "." + key, keyLine);
    }

    Place element(int index, Node node) {
      return new Place(path + "[" + index + "]", Nodes.line(node));
    }

    String scope() {
      return path.isEmpty() ? "at the top level" : "in " + path;
    }

    String name() {
      return path.isEmpty() ? "the configuration" : path;
    }
  }

  /** A value of a mapping, and the line of its key. */
  private record Entry(int line, Node value) {}

  private <T extends Record> T document(Class<T> type, Record given, String text) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(String.valueOf(file)).setUseMarks(true).build();
    Optional<Node> root;
    try {
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      problem(mark.map(m -> m.getLine() + 1).orElse(1), "this is not YAML: " + e.getProblem());
      return null;
    } catch (YamlEngineException e) {
      problem(1, "this is not YAML: " + e.getMessage());
      return null;
    }
    if (root.isEmpty() || Nodes.isNull(root.get())) {
      problem(1, "the configuration is empty");
      return null;
    }
    return record(type, given, root.get(), new Place("", 1), null);
  }

  /**
   * Binds a value of any type.
   *
   * @param fallback what absent components of a record are taken from; null for the type's own
   * @return null if there was a problem
   */
  private Object value(Type type, Setting setting, Object fallback, Node node, Place place) {
    Class<?> raw = (Class<?>) (type instanceof ParameterizedType p ? p.getRawType() : type);
    Optional<Choice> choice = choices.stream().filter(c -> c.type() == raw).findFirst();
    if (choice.isPresent()) {
      return option(choice.get(), (Record) fallback, node, place);
    }
    ScalarForm form = ScalarForm.of(raw);
    if (form != null) {
      return scalar(raw, form, setting, node, place);
    }
    if (raw == List.class) {
      return list(((ParameterizedType) type).getActualTypeArguments()[0], setting, node, place);
    }
    if (raw == Map.class) {
      return map(((ParameterizedType) type).getActualTypeArguments()[1], node, place);
    }
    return record(raw.asSubclass(Record.class), (Record) fallback, node, place, null);
  }

  private Object scalar(Class<?> type, ScalarForm form, Setting setting, Node node, Place place) {
    if (!(node instanceof ScalarNode scalar) || Nodes.isNull(node)) {
      return unexpected(form, node, place, "");
    }
    if (!form.quotable() && !scalar.isPlain()) {
      return unexpected(form, node, place, " in quotes; remove them");
    }
    Object value;
    try {
      value = form.parse().apply(scalar.getValue());
    } catch (IllegalArgumentException | ArithmeticException e) {
      return unexpected(form, node, place, form.hint().apply(scalar.getValue()));
    }
    return setting == null || within(type, setting, value, place) ? value : null;
  }

  private Object unexpected(ScalarForm form, Node node, Place place, String hint) {
    problem(
        place.line(),
        place.path() + " must be " + form.expected() + ", but found " + Nodes.found(node) + hint);
    return null;
  }

  private boolean within(Class<?> type, Setting setting, Object value, Place place) {
    Double magnitude = ScalarForm.magnitude(value);
    if (magnitude == null || (magnitude >= setting.min() && magnitude <= setting.max())) {
      return true;
    }
    boolean low = magnitude < setting.min();
    problem(
        place.line(),
        place.path()
            + " must be at "
            + (low ? "least " : "most ")
            + ScalarForm.bound(type, low ? setting.min() : setting.max())
            + ", but it is "
            + ScalarForm.of(type).print().apply(value));
    return false;
  }

  private Object list(Type element, Setting setting, Node node, Place place) {
    if (!(node instanceof SequenceNode sequence)) {
      problem(
          place.line(),
          place.path() + " must be a list such as [a, b], but found " + Nodes.found(node));
      return null;
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < sequence.getValue().size(); i++) {
      Node item = sequence.getValue().get(i);
      Object value = value(element, setting, null, item, place.element(i, item));
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  private Object map(Type valueType, Node node, Place place) {
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Entry> entries = entries(node, place);
    if (entries != null) {
      entries.forEach(
          (key, entry) ->
              values.put(
                  key, value(valueType, null, null, entry.value(), place.at(key, entry.line()))));
    }
    return values;
  }

  /**
   * Binds a setting that is one of several records.
   *
   * @param given where absent components come from while its option is not left; null for the
   *     option's defaults
   */
  private Object option(Choice choice, Record given, Node node, Place place) {
    Choice.Option present = given == null ? choice.options().get(0) : choice.of(given);
    Choice.Option option = present;
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(choice.key())) {
          option = named(choice, tuple.getValueNode(), place.at(choice.key(), Nodes.line(key)));
        }
      }
    }
    return option == null
        ? null
        : record(
            option.settings(),
            given != null && option == present ? given : option.defaults(),
            node,
            place,
            choice.key());
  }

  private Choice.Option named(Choice choice, Node node, Place place) {
    String name = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    Optional<Choice.Option> option =
        choice.options().stream().filter(o -> o.name().equals(name)).findFirst();
    if (option.isEmpty()) {
      problem(
          place.line(),
          place.path()
              + " must be one of "
              + String.join(", ", choice.names())
              + ", but found "
              + Nodes.found(node)
              + Names.suggestion(name, choice.names()));
    }
    return option.orElse(null);
  }

  /**
   * Binds a record.
   *
   * @param given where absent components come from; null for the type's {@code defaults()}
   * @param discriminator a key that is not a component; null for none
   */
  private <R extends Record> R record(
      Class<R> type, Record given, Node node, Place place, String discriminator) {
    int before = problems.size();
    Map<String, Entry> entries = entries(node, place);
    if (entries != null) {
      refuseUnknown(type, entries, discriminator, place);
      Record defaults = given != null ? given : Defaults.of(type);
      Object[] values =
          Arrays.stream(type.getRecordComponents())
              .map(component -> component(component, defaults, entries, place))
              .toArray();
      if (problems.size() == before) {
        return construct(type, values, entries, place);
      }
    }
    return null;
  }

  private Object component(
      RecordComponent component, Record defaults, Map<String, Entry> entries, Place place) {
    String key = Names.kebab(component.getName());
    Setting setting = component.getAnnotation(Setting.class);
    Object fallback = defaults == null ? null : Defaults.component(defaults, component);
    Entry entry = entries.get(key);
    if (entry != null) {
      return value(
          component.getGenericType(),
          setting,
          fallback,
          entry.value(),
          place.at(key, entry.line()));
    }
    if (fallback != null || (setting != null && setting.optional())) {
      return fallback;
    }
    if (Defaults.canBeEmpty(component.getType(), choices)) {
      return value(
          component.getGenericType(), null, null, Nodes.nothing(), place.at(key, place.line()));
    }
    problem(
        place.line(),
        place.name() + " lacks '" + key + "'" + (setting == null ? "" : ": " + setting.value()));
    return null;
  }

  private <R extends Record> R construct(
      Class<R> type, Object[] values, Map<String, Entry> entries, Place place) {
    Class<?>[] signature =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(signature).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof InvalidSettingException fault) {
        String key = Names.kebab(fault.setting());
        Entry entry = entries.get(key);
        Place at = place.at(key, entry == null ? place.line() : entry.line());
        problem(at.line(), at.path() + ": " + fault.getMessage());
        return null;
      }
      throw new IllegalStateException("cannot make a " + type.getName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + type.getName(), e);
    }
  }

  private void refuseUnknown(
      Class<?> type, Map<String, Entry> entries, String discriminator, Place place) {
    List<String> valid = new ArrayList<>();
    if (discriminator != null) {
      valid.add(discriminator);
    }
    for (RecordComponent component : type.getRecordComponents()) {
      valid.add(Names.kebab(component.getName()));
    }
    entries.forEach(
        (key, entry) -> {
          if (!valid.contains(key)) {
            String hint = Names.suggestion(key, valid);
            problem(
                entry.line(),
                "there is no setting '"
                    + key
                    + "' "
                    + place.scope()
                    + (hint.isEmpty()
                        ? "; the settings there are " + String.join(", ", valid)
                        : hint));
          }
        });
  }

  /** Keys and values of a mapping; none for nothing; null, and a problem, for anything else. */
  private Map<String, Entry> entries(Node node, Place place) {
    if (Nodes.isNull(node)) {
      return Map.of();
    }
    if (!(node instanceof MappingNode mapping)) {
      problem(
          place.line(),
          place.name()
              + " must be settings of the form 'key: value', but found "
              + Nodes.found(node));
      return null;
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      int line = Nodes.line(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problem(line, "a key " + place.scope() + " must be a word");
      } else if (entries.containsKey(key.getValue())) {
        problem(line, "'" + key.getValue() + "' stands twice " + place.scope() + "; keep one");
      } else {
        entries.put(key.getValue(), new Entry(line, tuple.getValueNode()));
      }
    }
    return entries;
  }

  private void problem(int line, String sentence) {
    problems.add(file == null ? sentence : file + ":" + line + ": " + sentence);
  }
}
