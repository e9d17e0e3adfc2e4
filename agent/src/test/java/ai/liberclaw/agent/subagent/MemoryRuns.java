package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnState;
import java.time.Instant;
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
  final List<Notice> left = new ArrayList<>();

  @Override
  public void add(SubagentRun run, List<Notice> notices) {
    runs.put(run.id(), run);
    left.addAll(notices);
  }

  @Override
  public Optional<SubagentRun> find(String id) {
    return Optional.ofNullable(runs.get(id));
  }

  @Override
  public void end(String id, SubagentRun.State state, String text, List<Notice> notices) {
    ended.putIfAbsent(id, state.wireName() + ": " + text);
    left.addAll(notices);
  }

  @Override
  public List<Unfinished> unfinished() {
    List<Unfinished> unfinished = new ArrayList<>();
    for (SubagentRun run : runs.values()) {
      if (!ended.containsKey(run.id())) {
        unfinished.add(
            new Unfinished(
                run,
                Optional.ofNullable(turns.get(run.id()))
                    .map(state -> new TurnOutcome(state, "last words"))));
      }
    }
    return unfinished;
  }

  @Override
  public List<Told> told(Instant endedAfter) {
    return List.of();
  }

  @Override
  public Optional<Told> told(String id) {
    return Optional.empty();
  }
}
