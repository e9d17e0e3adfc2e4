package ai.liberclaw.agent.memory;

import ai.liberclaw.agent.context.MemoryKeeper;
import ai.liberclaw.agent.scope.ChatScopeStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Keeps what conversations yield when they are summarised: what the owner's say in the memory file,
 * which every chat is shown, what others say as facts of their own chat.
 */
public final class ConversationMemory implements MemoryKeeper {
  private static final int FACTS_SHOWN = 8;
  private static final String KIND = "conversation";
  private static final String SOURCE = "summary of older messages";
  private static final Logger LOG = System.getLogger(ConversationMemory.class.getName());

  private final MemoryStore facts;
  private final ChatScopeStore scope;
  private final MemoryFile file;

  public ConversationMemory(MemoryStore facts, ChatScopeStore scope, MemoryFile file) {
    this.facts = facts;
    this.scope = scope;
    this.file = file;
  }

  /** The newest facts a chat may know, one line each. */
  public String newest(String chatId) {
    try {
      return facts.newest(scope.origin(chatId), FACTS_SHOWN).stream()
          .map(Fact::line)
          .collect(Collectors.joining("\n"));
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "memory.facts_unreadable chat=" + chatId, e);
      return "";
    }
  }

  /** Why what stands in a file under memory/ may not be the user's word; empty when it may. */
  public String fileSource(String path) {
    try {
      return facts.fileSource(path);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "memory.marks_unreadable path=" + path, e);
      return "";
    }
  }

  @Override
  public void keep(String chatId, List<String> lines, List<String> untrusted) {
    try {
      if (scope.owner(chatId) || !scope.ownerKnown()) {
        file.append(lines, untrusted);
      } else {
        String source = RememberFactTool.source(SOURCE, untrusted);
        lines.forEach(
            line -> facts.remember(Optional.of(chatId), KIND, line, source, Optional.empty()));
      }
      LOG.log(Level.INFO, "memory.kept chat={0} facts={1}", chatId, lines.size());
    } catch (IOException | RuntimeException e) {
      // The summary still has what matters most.
      LOG.log(Level.WARNING, "memory.not_kept chat=" + chatId, e);
    }
  }
}
