package ai.liberclaw.agent;

import ai.liberclaw.agent.coding.CodingTurns;
import ai.liberclaw.agent.schedule.JobTurns;
import ai.liberclaw.agent.subagent.SubagentTurns;
import ai.liberclaw.agent.turn.EventSource;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEngine;
import java.util.Optional;

/** The turn engine, as the parts see it that begin turns by themselves. */
final class EngineTurns implements JobTurns, SubagentTurns, CodingTurns {
  private final TurnEngine engine;
  private final EventSource events;

  EngineTurns(TurnEngine engine, EventSource events) {
    this.engine = engine;
    this.events = events;
  }

  @Override
  public boolean isActive(String chatId) {
    return engine.active(chatId).isPresent();
  }

  @Override
  public Turn submit(NewTurn turn) {
    return engine.submit(turn).turn();
  }

  @Override
  public Optional<Turn> find(String turnId) {
    return events.turn(turnId);
  }

  @Override
  public boolean cancel(String chatId) {
    return engine.cancel(chatId);
  }
}
