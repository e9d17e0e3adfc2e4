package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What changes from turn to turn: memory, today's notes, skills. Read once for each turn and shown
 * right before the newest user message, never stored.
 */
final class DynamicContext {
  static final String TAG = "[Context update]";

  private static final String PREAMBLE =
      TAG
          + "\n\nWhat your files say at the start of this turn, for reference. The user's message"
          + " follows.";

  private final MemoryFiles memory;
  private final Skills skills;

  DynamicContext(Path workspace) {
    this.memory = new MemoryFiles(workspace);
    this.skills = new Skills(workspace);
  }

  /** Empty when there is nothing to tell. A subagent is told nothing but its task. */
  Optional<Message.User> message(Purpose purpose, LocalDate day, Set<String> tools) {
    return switch (purpose) {
      case SUBAGENT -> Optional.empty();
      case CHAT, CODING, HEARTBEAT -> message(day, tools);
    };
  }

  private Optional<Message.User> message(LocalDate day, Set<String> tools) {
    List<String> sections = new ArrayList<>();
    add(sections, "Long-term memory (" + MemoryFiles.LONG_TERM + ")", memory.longTerm());
    add(sections, "Today's notes (" + MemoryFiles.dailyPath(day) + ")", memory.daily(day));
    add(sections, "Skills", skills.summary(tools));
    if (sections.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Message.User(PREAMBLE + "\n\n" + String.join("\n\n", sections)));
  }

  private static void add(List<String> sections, String heading, String text) {
    if (!text.isEmpty()) {
      sections.add("## " + heading + "\n\n" + text);
    }
  }
}
