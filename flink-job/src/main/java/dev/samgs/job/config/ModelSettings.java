package dev.samgs.job.config;

import dev.samgs.spec.ModelSpec;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model's settings by their names, for whoever tries several values of them. A name is a path
 * such as {@code learning.beta1}, or its last part where no other setting has the same. All but
 * features and tasks can be changed.
 */
public final class ModelSettings {
  private ModelSettings() {}

  /**
   * The model with some settings changed. Another method or detector begins with its own defaults.
   *
   * @param values values as they would stand in a configuration, by name
   * @throws ConfigurationException with every problem: a name that is not there or is ambiguous, a
   *     value that does not fit
   */
  public static ModelSpec with(ModelSpec spec, Map<String, String> values)
      throws ConfigurationException {
    List<String> problems = new ArrayList<>();
    Map<String, Map<String, String>> groups = new TreeMap<>();
    Map<String, String> byPath = new LinkedHashMap<>();
    ModelSpec named = chosen(spec, values);
    List<String> paths = paths(named);
    values.forEach(
        (name, value) -> {
          String path = path(name, paths, problems);
          if (path != null && byPath.put(path, value) != null) {
            problems.add(path + " is given twice");
          } else if (path != null && value.isBlank()) {
            problems.add(path + " lacks a value");
          } else if (path != null && value.lines().count() > 1) {
            problems.add(path + " must be one line");
          } else if (path != null) {
            int dot = path.indexOf('.');
            groups
                .computeIfAbsent(path.substring(0, dot), g -> new LinkedHashMap<>())
                .put(path.substring(dot + 1), value);
          }
        });
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return values.isEmpty()
        ? spec
        : YamlBinder.rebind(spec, yaml(groups), JobConfiguration.choices());
  }

  /** The model with the method and detector that the values name, if they are known. */
  private static ModelSpec chosen(ModelSpec spec, Map<String, String> values)
      throws ConfigurationException {
    Map<String, Map<String, String>> groups = new TreeMap<>();
    for (RecordComponent component : ModelSpec.class.getRecordComponents()) {
      String group = Names.kebab(component.getName());
      for (Choice choice : JobConfiguration.choices()) {
        if (choice.type() == component.getType()) {
          String value = values.getOrDefault(group + "." + choice.key(), values.get(choice.key()));
          if (value != null) {
            groups.put(group, Map.of(choice.key(), value));
          }
        }
      }
    }
    return groups.isEmpty()
        ? spec
        : YamlBinder.rebind(spec, yaml(groups), JobConfiguration.choices());
  }

  private static String yaml(Map<String, Map<String, String>> groups) {
    StringBuilder yaml = new StringBuilder();
    groups.forEach(
        (group, settings) -> {
          yaml.append(group).append(":\n");
          settings.forEach(
              (key, value) ->
                  yaml.append("  ").append(key).append(": ").append(value).append('\n'));
        });
    return yaml.toString();
  }

  private static String path(String name, List<String> paths, List<String> problems) {
    List<String> meant =
        paths.stream().filter(p -> p.equals(name) || p.endsWith("." + name)).toList();
    if (meant.size() == 1) {
      return meant.get(0);
    }
    if (meant.isEmpty()) {
      List<String> names = new ArrayList<>(paths);
      paths.forEach(p -> names.add(p.substring(p.indexOf('.') + 1)));
      problems.add("a model has no setting '" + name + "'" + Names.suggestion(name, names));
    } else {
      problems.add("'" + name + "' can be " + String.join(" or ", meant) + "; write which");
    }
    return null;
  }

  /** Paths of all settings that can be changed. */
  private static List<String> paths(ModelSpec spec) {
    List<String> paths = new ArrayList<>();
    for (RecordComponent component : ModelSpec.class.getRecordComponents()) {
      if (Defaults.component(spec, component) instanceof Record group) {
        String name = Names.kebab(component.getName());
        for (Choice choice : JobConfiguration.choices()) {
          if (choice.type() == component.getType()) {
            paths.add(name + "." + choice.key());
          }
        }
        for (RecordComponent setting : group.getClass().getRecordComponents()) {
          paths.add(name + "." + Names.kebab(setting.getName()));
        }
      }
    }
    return paths;
  }
}
