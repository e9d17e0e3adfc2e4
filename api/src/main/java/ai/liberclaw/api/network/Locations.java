package ai.liberclaw.api.network;

import java.util.List;
import java.util.Map;

/** Says where nodes are. */
interface Locations {
  /**
   * The positions of those nodes that could be found, by their hash. A source that fails gives what
   * it has.
   */
  Map<String, Position> find(List<Node> nodes) throws InterruptedException;

  /** Asks nobody: what the node list itself says is all there is. */
  static Locations offline() {
    return _ -> Map.of();
  }
}
