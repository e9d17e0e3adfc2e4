package ai.liberclaw.agent.events;

import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.core.json.Json;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/** Records which skills a turn has read. */
public final class SkillEvents implements TurnOutlet {
  private static final Logger LOG = System.getLogger(SkillEvents.class.getName());

  private final TurnOutlet outlet;
  private final RuntimeEventStore events;

  /**
   * @param outlet where the ends of these turns go
   */
  public SkillEvents(TurnOutlet outlet, RuntimeEventStore events) {
    this.outlet = outlet;
    this.events = events;
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    return outlet.notices(turn, end);
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    try {
      for (String skill : events.skillsRead(turn.id())) {
        events.add(
            turn.chatId(),
            "skill.loaded",
            Json.object().put("skill", skill).put("turn_id", turn.id()));
      }
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "events.skills_not_recorded turn=" + turn.id(), e);
    }
    outlet.ended(turn, end);
  }
}
