package dev.samgs.predict;

/** The numbers of one evaluation of the graph, by slot; constants are shared with all others. */
final class Workspace {
  final double[][] doubles;
  final float[][] floats;

  Workspace(int slots) {
    doubles = new double[slots][];
    floats = new float[slots][];
  }

  /** A workspace with the constants of this one and room for the rest. */
  Workspace withRoom(Iterable<Slot> slots, int rows) {
    Workspace workspace = new Workspace(doubles.length);
    for (Slot slot : slots) {
      int index = slot.index();
      if (slot.perRow()) {
        workspace.allocate(slot, rows);
      } else {
        workspace.doubles[index] = doubles[index];
        workspace.floats[index] = floats[index];
      }
    }
    return workspace;
  }

  void allocate(Slot slot, int rows) {
    if (slot.single()) {
      floats[slot.index()] = new float[slot.length(rows)];
    } else {
      doubles[slot.index()] = new double[slot.length(rows)];
    }
  }
}
