package ai.liberclaw.api.broken;

import ai.liberclaw.agent.broken.BreaksEveryRule;
import java.util.List;

/** Half of a cycle. */
public record Seen(List<BreaksEveryRule> others) {
  void look(BreaksEveryRule other) {
    other.seen();
  }
}
