package ai.liberclaw.agent.turn;

import java.util.List;

/** Where the end of a turn goes, apart from its chat's readers. */
public interface TurnOutlet {
  /**
   * What is to be left for others to fetch; stored in the transaction that ends the turn. Has no
   * effect of its own: that transaction may fail.
   */
  List<Notice> notices(Turn turn, TurnEnd end);

  /** The turn has ended and that is stored. Not called for a turn that a restart will go on with. */
  void ended(Turn turn, TurnEnd end);
}
