package ai.liberclaw.agent.memory;

import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnOutlet;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Marks files under {@code memory/} that were written in a turn which had read content from
 * outside: what stands there may not be the user's word.
 */
public final class MemoryWrites implements TurnOutlet {
  private static final Logger LOG = System.getLogger(MemoryWrites.class.getName());

  private final TurnOutlet outlet;
  private final MemoryStore facts;

  /**
   * @param outlet where the ends of these turns go
   */
  public MemoryWrites(TurnOutlet outlet, MemoryStore facts) {
    this.outlet = outlet;
    this.facts = facts;
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    return outlet.notices(turn, end);
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    try {
      facts.markFiles(turn.id());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "memory.files_not_marked turn=" + turn.id(), e);
    }
    outlet.ended(turn, end);
  }
}
