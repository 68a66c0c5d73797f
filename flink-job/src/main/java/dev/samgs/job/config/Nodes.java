package dev.samgs.job.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** What there is to say about a YAML node. */
final class Nodes {
  private static final int QUOTED = 60;

  private Nodes() {}

  /** The node of a key with nothing behind it. */
  static Node nothing() {
    return new ScalarNode(
        Tag.NULL, true, "", ScalarStyle.PLAIN, Optional.empty(), Optional.empty());
  }

  static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  /** Line in the file, counted from 1. */
  static int line(Node node) {
    return node.getStartMark().map(m -> m.getLine() + 1).orElse(1);
  }

  /** The node in a few words, for "but found …". */
  static String found(Node node) {
    if (isNull(node)) {
      return "nothing";
    }
    if (node instanceof ScalarNode scalar) {
      String text = scalar.getValue();
      return "'" + (text.length() > QUOTED ? text.substring(0, QUOTED) + "…" : text) + "'";
    }
    return node instanceof SequenceNode ? "a list" : "settings of its own";
  }
}
