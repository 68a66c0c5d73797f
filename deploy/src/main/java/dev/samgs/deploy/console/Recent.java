package dev.samgs.deploy.console;

import java.util.ArrayDeque;
import java.util.Iterator;

/** The newest values of a kind, numbered in the order in which they came. */
final class Recent<T> implements Iterable<T> {
  private final int capacity;
  private final ArrayDeque<T> values = new ArrayDeque<>();
  private long added;

  Recent(int capacity) {
    this.capacity = capacity;
  }

  void add(T value) {
    if (values.size() == capacity) {
      values.removeFirst();
    }
    values.addLast(value);
    added++;
  }

  /** How many have come, those included that are no longer held. */
  long added() {
    return added;
  }

  /** Oldest first. */
  @Override
  public Iterator<T> iterator() {
    return values.iterator();
  }

  /** Newest first. */
  Iterable<T> newestFirst() {
    return values::descendingIterator;
  }

  int size() {
    return values.size();
  }

  void clear() {
    values.clear();
  }
}
