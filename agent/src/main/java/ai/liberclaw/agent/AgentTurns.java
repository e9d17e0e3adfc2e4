package ai.liberclaw.agent;

import ai.liberclaw.agent.coding.CodingTask;
import ai.liberclaw.agent.coding.CodingTasks;
import ai.liberclaw.agent.context.Brief;
import ai.liberclaw.agent.context.ContextWindow;
import ai.liberclaw.agent.context.Purpose;
import ai.liberclaw.agent.mcp.McpServers;
import ai.liberclaw.agent.schedule.Scheduler;
import ai.liberclaw.agent.subagent.SubagentRun;
import ai.liberclaw.agent.subagent.Subagents;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.turn.TurnSetup;
import ai.liberclaw.agent.turn.TurnSetups;

/**
 * The kinds of turns an agent has, and what each of them is given.
 *
 * @param plain the tools of subagents
 * @param all the tools of turns that may start subagents
 */
record AgentTurns(
    AgentConfig.Turns limits,
    ContextWindow context,
    Toolbox plain,
    Toolbox all,
    McpServers mcp,
    Recall recall) {
  void people(TurnSetups setups, TurnOutlet outlet) {
    TurnOutlet noted = recall.noted(outlet);
    setups.register(TurnSetups.PEOPLE, turn -> main(turn, all, Purpose.CHAT, false, noted));
  }

  void jobs(TurnSetups setups, Scheduler scheduler) {
    TurnOutlet noted = recall.noted(scheduler);
    for (String prefix : Scheduler.CHAT_PREFIXES) {
      setups.register(
          prefix,
          turn -> main(turn, all, Purpose.HEARTBEAT, Scheduler.isFresh(turn.chatId()), noted));
    }
  }

  void codingTasks(TurnSetups setups, CodingTasks tasks) {
    TurnOutlet noted = recall.noted(tasks);
    setups.register(
        CodingTask.CHAT_PREFIX,
        turn -> {
          // The policy of the task says the same; a message that comes later has none.
          Toolbox tools = tasks.isReadOnly(turn.chatId()) ? all.only(Tool::readOnly) : all;
          return main(turn, tools, Purpose.CODING, false, noted);
        });
  }

  void subagents(TurnSetups setups, Subagents subagents) {
    TurnOutlet noted = recall.noted(subagents);
    setups.register(
        SubagentRun.CHAT_PREFIX,
        turn -> {
          SubagentRun run = subagents.of(turn);
          Brief brief = new Brief(run.role().wireName() + ": " + run.role().duty(), run.persona());
          Toolbox tools =
              mcp.addTo(recall.offered(plain, turn.chatId()))
                  .only(tool -> run.role().allows(tool.definition().name()));
          return new TurnSetup(
              tools,
              context.begin(turn.chatId(), Purpose.SUBAGENT, brief),
              Subagents.STEPS_MAX,
              run.timeMax(),
              false,
              true,
              noted);
        });
  }

  private TurnSetup main(
      Turn turn, Toolbox tools, Purpose purpose, boolean fresh, TurnOutlet outlet) {
    Toolbox offered = recall.offered(tools, turn.chatId());
    return new TurnSetup(
        // Nobody can tell what a tool of another server changes.
        purpose == Purpose.CODING && tools != all ? offered : mcp.addTo(offered),
        context.begin(turn.chatId(), purpose),
        limits.stepsMax(),
        limits.timeMax(),
        true,
        fresh,
        outlet);
  }
}
