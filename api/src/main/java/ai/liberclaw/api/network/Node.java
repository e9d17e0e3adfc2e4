package ai.liberclaw.api.network;

import java.util.Optional;

/**
 * A node of the public list.
 *
 * @param url where it says it is; never asked, its host is at most looked up
 * @param memoryKb free memory in KiB
 * @param position empty while nobody knows it
 */
record Node(
    String hash,
    String name,
    String url,
    double score,
    Optional<Position> position,
    long memoryKb,
    int cpus,
    boolean active) {
  Node at(Position found) {
    return new Node(hash, name, url, score, Optional.of(found), memoryKb, cpus, active);
  }
}
