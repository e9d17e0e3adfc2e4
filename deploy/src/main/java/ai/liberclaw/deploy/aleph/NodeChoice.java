package ai.liberclaw.deploy.aleph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * Which node gets the next machine: at random among the best, so that machines made at the same
 * time do not pile up on one.
 *
 * @param versionFloor software older than this is not used
 * @param perNodeMax machines of ours on one node
 * @param random from 0 (inclusive) to 1 (exclusive)
 */
public record NodeChoice(String versionFloor, int perNodeMax, DoubleSupplier random) {
  private static final double SCORE_MIN = 0.3;
  private static final int BEST = 10;
  private static final int MEMORY_RESERVE_FACTOR = 2;
  private static final int DISK_RESERVE_FACTOR = 2;
  private static final long KIB_PER_MIB = 1024;

  /**
   * How often a node did what it was asked.
   *
   * @param succeeded machines that came up
   * @param failed machines that did not, by the node's fault
   */
  public record History(long succeeded, long failed) {
    static final History NONE = new History(0, 0);

    /** An unknown node gets the benefit of the doubt. */
    double trust() {
      return (succeeded + 2.0) / (succeeded + failed + 2.0);
    }
  }

  private record Candidate(ComputeNode node, double weight) {}

  /**
   * @param avoid URLs of nodes that failed lately, or were tried for this machine
   * @param records by URL
   * @param ours machines of ours by URL
   * @return empty when no node will do
   */
  public Optional<ComputeNode> choose(
      List<ComputeNode> nodes,
      InstanceContent.MachineSize size,
      Set<String> avoid,
      Map<String, History> records,
      Map<String, Integer> ours) {
    List<Candidate> candidates = new ArrayList<>();
    for (ComputeNode node : nodes) {
      boolean crowded = ours.getOrDefault(node.url(), 0) >= perNodeMax;
      if (fits(node, size) && !avoid.contains(node.url()) && !crowded) {
        double trust = records.getOrDefault(node.url(), History.NONE).trust();
        candidates.add(new Candidate(node, node.quality() * trust));
      }
    }
    candidates.sort(Comparator.comparingDouble(Candidate::weight).reversed());
    List<Candidate> best = candidates.subList(0, Math.min(BEST, candidates.size()));
    double left = random.getAsDouble() * best.stream().mapToDouble(Candidate::weight).sum();
    for (Candidate candidate : best) {
      left -= candidate.weight();
      if (left < 0) {
        return Optional.of(candidate.node());
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best.getLast().node());
  }

  private boolean fits(ComputeNode node, InstanceContent.MachineSize size) {
    return node.usable()
        && !node.terms()
        && node.score() >= SCORE_MIN
        && node.atLeast(versionFloor)
        && node.cpusFree() >= size.cpus()
        && node.memoryAvailableKib() >= KIB_PER_MIB * MEMORY_RESERVE_FACTOR * size.memoryMib()
        && node.diskAvailableKib() >= KIB_PER_MIB * DISK_RESERVE_FACTOR * size.diskMib();
  }
}
