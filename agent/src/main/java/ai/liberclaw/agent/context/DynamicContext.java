package ai.liberclaw.agent.context;

import ai.liberclaw.agent.context.scan.ContextScanner;
import ai.liberclaw.agent.model.Message;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What changes from turn to turn: memory, today's notes, skills, what the project's files say. Read
 * once for each turn and shown right before the newest user message, never stored.
 */
final class DynamicContext {
  static final String TAG = "[Context update]";

  /** What is left to do, when the conversation in which it was planned is out of sight. */
  private static final String TODOS = "Still to do (TODO.json)";

  private static final String PREAMBLE =
      TAG
          + "\n\nWhat your files say at the start of this turn, for reference. The user's message"
          + " follows.";

  private final MemoryFiles memory;
  private final Skills skills;
  private final ProjectFiles project;
  private final ContextSources sources;
  private final ContextScanner scanner;

  DynamicContext(Path workspace, ContextSources sources) {
    this.memory = new MemoryFiles(workspace);
    this.skills = new Skills(workspace);
    this.project = new ProjectFiles(workspace);
    this.sources = sources;
    this.scanner = new ContextScanner(sources.scan());
  }

  /**
   * What a turn is told.
   *
   * @param about whom it serves; a subagent is told nothing but its task
   */
  Update update(String chatId, Purpose about, LocalDate day, Set<String> tools) {
    return switch (about) {
      case SUBAGENT -> new Update(List.of());
      case CHAT, CODING, HEARTBEAT -> update(chatId, day, tools);
    };
  }

  private Update update(String chatId, LocalDate day, Set<String> tools) {
    Channel channel = Channel.of(chatId);
    List<String> sections = new ArrayList<>();
    addFile(sections, "Your user", MemoryFiles.PROFILE, memory.profile());
    addFile(sections, "Long-term memory", MemoryFiles.LONG_TERM, memory.longTerm());
    addFile(sections, "Today's notes", MemoryFiles.dailyPath(day), memory.daily(day));
    add(
        sections,
        "Skills",
        scanner.scan("the skills' descriptions", skills.summary(tools, channel.platform())));
    add(sections, "What the project's files say", project.text(scanner));
    add(
        sections,
        "Remembered facts",
        scanner.scan("remembered facts", sources.facts().apply(chatId)));
    add(sections, "This chat", channel.hint());
    return new Update(sections);
  }

  /** The same, with what is left to do: for a chat whose older messages were summarised. */
  Update withTodos(Update update) {
    String todos = scanner.scan("TODO.json", sources.openTodos().get());
    List<String> sections = new ArrayList<>(update.sections);
    add(sections, TODOS, todos);
    return new Update(sections);
  }

  /** The sections of one update, without its frame. */
  record Update(List<String> sections) {
    Update {
      sections = List.copyOf(sections);
    }

    /** Empty when there is nothing to tell. */
    Optional<Message.User> message() {
      return sections.isEmpty()
          ? Optional.empty()
          : Optional.of(new Message.User(PREAMBLE + "\n\n" + String.join("\n\n", sections)));
    }
  }

  private void addFile(List<String> sections, String heading, String path, String text) {
    String marked = text.isEmpty() ? "" : sources.fileSources().apply(path);
    String mark = marked.isEmpty() ? "" : "; written in part by a turn that had read " + marked;
    add(sections, heading + " (" + path + mark + ")", scanner.scan(path, text));
  }

  private static void add(List<String> sections, String heading, String text) {
    if (!text.isBlank()) {
      sections.add("## " + heading + "\n\n" + text);
    }
  }
}
