package ai.liberclaw.agent.turn;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Consumer;

/** An outlet before which something is noted of each turn that has ended. */
public final class NotedOutlet implements TurnOutlet {
  private static final Logger LOG = System.getLogger(NotedOutlet.class.getName());

  private final TurnOutlet outlet;
  private final List<Note> notes;

  /**
   * Something to do when a turn has ended. That it fails holds nothing up.
   *
   * @param failure what the log says then
   */
  public record Note(String failure, Consumer<Turn> work) {}

  /**
   * @param notes done in their order
   */
  public NotedOutlet(TurnOutlet outlet, List<Note> notes) {
    this.outlet = outlet;
    this.notes = List.copyOf(notes);
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    return outlet.notices(turn, end);
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    for (Note note : notes) {
      try {
        note.work().accept(turn);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, note.failure() + " turn=" + turn.id(), e);
      }
    }
    outlet.ended(turn, end);
  }
}
