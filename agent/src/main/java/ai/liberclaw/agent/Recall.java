package ai.liberclaw.agent;

import ai.liberclaw.agent.context.ContextSources;
import ai.liberclaw.agent.context.Summariser;
import ai.liberclaw.agent.events.RuntimeEventStore;
import ai.liberclaw.agent.janitor.Janitor;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.RetentionStore;
import ai.liberclaw.agent.memory.ConversationMemory;
import ai.liberclaw.agent.memory.MemoryFile;
import ai.liberclaw.agent.memory.MemoryStore;
import ai.liberclaw.agent.memory.RememberFactTool;
import ai.liberclaw.agent.memory.SearchMemoryTool;
import ai.liberclaw.agent.scope.ChatScopeStore;
import ai.liberclaw.agent.search.SearchHistoryTool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.turn.NotedOutlet;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.secret.Mask;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.jooq.DSLContext;

/** What one agent finds, knows, and forgets. */
final class Recall {
  private final RecallSettings settings;
  private final DSLContext sql;
  private final Summariser model;
  private final ChatScopeStore scope;
  private final MemoryStore facts;
  private final RuntimeEventStore events;
  private final Workspace workspace;
  private final Janitor janitor;

  /**
   * @param model asked for summaries of what was found
   * @param data the folder of the agent's database
   */
  Recall(
      RecallSettings settings,
      DSLContext sql,
      CommitQueue commits,
      Mask mask,
      Summariser model,
      Workspace workspace,
      Path data) {
    this.settings = settings;
    this.sql = sql;
    this.model = model;
    this.workspace = workspace;
    scope = new ChatScopeStore(sql, settings.owner());
    facts = new MemoryStore(sql, commits, mask::mask);
    events = new RuntimeEventStore(sql, commits, mask::mask);
    janitor =
        new Janitor(
            new RetentionStore(commits, settings.janitor().rows()),
            settings.janitor(),
            workspace,
            data,
            Clock.systemUTC());
  }

  /** What happened in chats. */
  RuntimeEventStore events() {
    return events;
  }

  /** Deletes what has been kept long enough, once it is started. */
  Janitor janitor() {
    return janitor;
  }

  /** These tools, and those that find and remember. */
  Toolbox with(Toolbox tools) {
    return tools
        .with(new SearchHistoryTool(sql, scope, model))
        .with(new RememberFactTool(facts, scope))
        .with(new SearchMemoryTool(facts, scope));
  }

  /** The tools of a chat's turn: some may be the owner's alone. */
  Toolbox offered(Toolbox tools, String chatId) {
    List<String> ownerOnly = settings.ownerOnlyTools();
    return ownerOnly.isEmpty() || scope.owner(chatId)
        ? tools
        : tools.without(ownerOnly.toArray(String[]::new));
  }

  /**
   * What the context is made of beside files and rows.
   *
   * @param openTodos what is left to do, one line each
   */
  ContextSources context(Supplier<String> openTodos) {
    ConversationMemory memory =
        new ConversationMemory(facts, scope, new MemoryFile(workspace, Clock.systemUTC()));
    return new ContextSources(
        memory::newest, memory::fileSource, openTodos, memory, settings.flush(), settings.scan());
  }

  /** The same outlet; what a turn has read and written is noted first. */
  TurnOutlet noted(TurnOutlet outlet) {
    return new NotedOutlet(
        outlet,
        List.of(
            new NotedOutlet.Note(
                "events.skills_not_recorded",
                turn -> events.recordSkills(turn.chatId(), turn.id())),
            // What stands in files written after reading content from outside may not be the user's
            // word.
            new NotedOutlet.Note("memory.files_not_marked", turn -> facts.markFiles(turn.id()))));
  }
}
