package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.turn.TurnState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs in memory; a test says what their turns have come to. */
final class MemoryRuns implements SubagentRuns {
  final Map<String, SubagentRun> runs = new LinkedHashMap<>();
  final Map<String, String> ended = new LinkedHashMap<>();
  final Map<String, TurnState> turns = new LinkedHashMap<>();

  @Override
  public void add(SubagentRun run) {
    runs.put(run.id(), run);
  }

  @Override
  public Optional<SubagentRun> find(String id) {
    return Optional.ofNullable(runs.get(id));
  }

  @Override
  public void end(String id, SubagentRun.State state, String text) {
    ended.putIfAbsent(id, state.wireName() + ": " + text);
  }

  @Override
  public List<Unfinished> unfinished() {
    List<Unfinished> left = new ArrayList<>();
    for (SubagentRun run : runs.values()) {
      if (!ended.containsKey(run.id())) {
        left.add(new Unfinished(run, Optional.ofNullable(turns.get(run.id()))));
      }
    }
    return left;
  }
}
