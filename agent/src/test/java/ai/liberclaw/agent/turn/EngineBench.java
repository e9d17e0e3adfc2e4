package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.approval.ApprovalDesk;
import ai.liberclaw.agent.journal.ApprovalStore;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.EventStore;
import ai.liberclaw.agent.journal.JournalStore;
import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.OfflineModel;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.model.Usage;
import ai.liberclaw.agent.policy.ToolPolicy;
import ai.liberclaw.agent.tool.Results;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jooq.DSLContext;

/** An engine on a real file with the demo model, and with whatever tools a test brings. */
final class EngineBench implements AutoCloseable {
  private final AgentDatabase database;
  private final CommitQueue commits;
  private final MessageStore messages;
  private final JournalStore store;
  private final EventStore events;
  private final Model model;
  Journal journal;
  final ApprovalStore approvals;
  final ApprovalDesk desk;
  final Gatekeeper gatekeeper;
  volatile EventLog log;
  final TurnSetups setups = new TurnSetups();
  TurnEngine engine;
  private final Results results;

  EngineBench(Path folder) throws IOException {
    this(folder, new OfflineModel(Duration.ZERO));
  }

  EngineBench(Path folder, Model model) throws IOException {
    this.model = model;
    database = AgentDatabase.open(folder.resolve("agent.db"));
    commits = new CommitQueue(database);
    events = new EventStore(database.dsl(), commits, text -> text);
    messages = new MessageStore(database.dsl(), commits, text -> text);
    approvals = new ApprovalStore(database.dsl(), commits, events, text -> text);
    desk = new ApprovalDesk(approvals);
    gatekeeper = new Gatekeeper(ToolPolicy.OPEN, desk, Duration.ofMinutes(1));
    store =
        new JournalStore(
            database.dsl(), commits, messages, events, approvals, new SideCalls(), text -> text);
    journal = store;
    log = new EventLog(events, new Mask());
    commits.start(appended -> log.appended(appended));
    results = new Results(new Workspace(folder.resolve("workspace"), List.of()), new Mask());
    engine = new TurnEngine(journal, log, model, setups, gatekeeper, TurnEngine.Concurrency.QUEUE);
  }

  /**
   * Another engine takes the place of this one, as in a new process on the same file.
   *
   * @param around what is put between the engine and its journal
   */
  void next(UnaryOperator<Journal> around) {
    engine.close();
    log.close();
    log = new EventLog(events, new Mask());
    journal = around.apply(store);
    engine = new TurnEngine(journal, log, model, setups, gatekeeper, TurnEngine.Concurrency.QUEUE);
  }

  /** What people's turns are run with. */
  void people(Conversation conversation, Tool... tools) {
    Toolbox toolbox = new Toolbox(List.of(tools), results);
    TurnSetup setup =
        new TurnSetup(toolbox, conversation, 10, Duration.ofMinutes(1), true, false, new Nobody());
    setups.register(TurnSetups.PEOPLE, _ -> setup);
  }

  /** A conversation of the stored rows and nothing else. */
  Conversation rows() {
    return new Conversation() {
      @Override
      public List<Message> messages(Turn turn, List<ToolDefinition> tools, boolean shorten) {
        List<Message> all = new ArrayList<>();
        messages.rows(turn.chatId()).forEach(row -> all.add(row.message()));
        return all;
      }

      @Override
      public void observed(Turn turn, Usage usage) {
        // Nobody counts.
      }
    };
  }

  Turn submit(String chatId, String message) {
    return engine
        .submit(new NewTurn(chatId, message, NewTurn.MODE_CHAT, Optional.empty(), true))
        .turn();
  }

  /** As {@link #submit}, from somebody who can be asked. */
  Turn submitAsking(String chatId, String message) {
    return engine
        .submit(new NewTurn(chatId, message, NewTurn.MODE_CHAT, Optional.empty(), true).asking())
        .turn();
  }

  DSLContext sql() {
    return database.dsl();
  }

  /** All events of a turn to its end. */
  List<String> read(Turn turn) throws InterruptedException {
    List<String> events = new ArrayList<>();
    try (EventReader reader = log.follow(turn, false)) {
      for (Optional<StreamItem> item = reader.next(); item.isPresent(); item = reader.next()) {
        events.add(item.get().json());
      }
    }
    return events;
  }

  @Override
  public void close() {
    engine.close();
    log.close();
    commits.close();
    database.close();
  }

  private static final class Nobody implements TurnOutlet {
    @Override
    public List<Notice> notices(Turn turn, TurnEnd end) {
      return List.of();
    }

    @Override
    public void ended(Turn turn, TurnEnd end) {
      // Nobody is told.
    }
  }
}
