package dev.samgs.snapshot;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a snapshot came to be published: what it follows, what was read, and what the gate said.
 *
 * @param parent version that this one follows; for a {@link Verdict#ROLLBACK} or {@link
 *     Verdict#PINNED} the one whose parameters it holds; {@link #NO_PARENT} for a first version
 * @param topic the topic that the model's events came from; empty where it is not known
 * @param offsets for each partition of it that is known, the offset below which everything of this
 *     model was learned
 * @param verdict what the gate said
 * @param comparisons what the verdict rests on, a line for each task that was compared
 */
public record Lineage(
    long parent,
    String topic,
    SortedMap<Integer, Long> offsets,
    Verdict verdict,
    List<Comparison> comparisons) {

  /** The parent of a model's first version: no version is negative. */
  public static final long NO_PARENT = -1;

  /** Nothing is known: the gate was off, and nobody noted the offsets. */
  public static final Lineage UNKNOWN =
      new Lineage(NO_PARENT, "", Collections.emptySortedMap(), Verdict.UNGATED, List.of());

  public Lineage {
    offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
    comparisons = List.copyOf(comparisons);
  }

  /**
   * Candidate and published model on the same recent rows of a task, both scored before learning.
   *
   * @param labels labels of the task among these rows
   * @param candidateLoss mean absolute error or log-loss of the candidate
   * @param publishedLoss the same of the published model
   */
  public record Comparison(String task, long labels, double candidateLoss, double publishedLoss) {}

  /** Whether there is a version that this one follows. */
  public boolean hasParent() {
    return parent != NO_PARENT;
  }

  void write(StateWriter out) throws IOException {
    out.writeLong(parent);
    out.writeString(topic);
    out.writeInt(offsets.size());
    for (Map.Entry<Integer, Long> offset : offsets.entrySet()) {
      out.writeInt(offset.getKey());
      out.writeLong(offset.getValue());
    }
    out.writeString(verdict.code());
    out.writeInt(comparisons.size());
    for (Comparison comparison : comparisons) {
      out.writeString(comparison.task());
      out.writeLong(comparison.labels());
      out.writeDouble(comparison.candidateLoss());
      out.writeDouble(comparison.publishedLoss());
    }
  }

  static Lineage read(StateReader in) throws IOException {
    long parent = in.readLong();
    String topic = in.readString();
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      offsets.put(in.readInt(), in.readLong());
    }
    Verdict verdict = Verdict.of(in.readString());
    List<Comparison> comparisons = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      comparisons.add(
          new Comparison(in.readString(), in.readLong(), in.readDouble(), in.readDouble()));
    }
    return new Lineage(parent, topic, offsets, verdict, comparisons);
  }

  /** {@code {"events":{"0":17}}}, or an empty object. */
  String offsetsJson() {
    JsonText json = new JsonText().beginObject();
    if (!offsets.isEmpty()) {
      json.name(topic).beginObject();
      offsets.forEach((partition, offset) -> json.name(partition.toString()).value(offset));
      json.endObject();
    }
    return json.endObject().toString();
  }

  /**
   * {@code {"verdict":"passed","tasks":{"rul":{"labels":256,"candidate":1.5,"published":1.6}}}}.
   */
  String gateJson() {
    JsonText json = new JsonText().beginObject();
    json.name("verdict").value(verdict.code());
    json.name("tasks").beginObject();
    for (Comparison comparison : comparisons) {
      json.name(comparison.task()).beginObject();
      json.name("labels").value(comparison.labels());
      json.name("candidate").value(comparison.candidateLoss());
      json.name("published").value(comparison.publishedLoss());
      json.endObject();
    }
    return json.endObject().endObject().toString();
  }
}
