package ai.liberclaw.agent.turn;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kinds of turns an agent has. A chat whose name begins with the prefix of a kind belongs to
 * it, the longest prefix first.
 */
public final class TurnSetups {
  /** The prefix of people's chats: every chat that is not one of the agent's own. */
  public static final String PEOPLE = "";

  /** How the names of chats begin that the agent keeps for itself. */
  private static final String OWN = "__";

  private final Map<String, TurnSetup.Source> kinds = new ConcurrentHashMap<>();
  private volatile Readiness recovered = () -> {};

  /** Waits, for a bounded time, until what tools come from is there. */
  @FunctionalInterface
  public interface Readiness {
    void await() throws InterruptedException;
  }

  /**
   * Adds a kind; before the engine starts, which may go on with turns of it.
   *
   * @param chatPrefix such as {@code __subagent_}
   */
  public void register(String chatPrefix, TurnSetup.Source source) {
    if (kinds.putIfAbsent(chatPrefix, source) != null) {
      throw new IllegalArgumentException("registered already: " + chatPrefix);
    }
  }

  /** What turns wait for that a former process left; before the engine starts. */
  public void beforeRecovered(Readiness readiness) {
    recovered = readiness;
  }

  void awaitRecovered() throws InterruptedException {
    recovered.await();
  }

  /** True for a chat that the agent keeps for itself. */
  boolean isInternal(String chatId) {
    return prefix(chatId).filter(prefix -> prefix.startsWith(OWN)).isPresent();
  }

  TurnSetup of(Turn turn) {
    return prefix(turn.chatId())
        .map(kinds::get)
        .orElseThrow(() -> new IllegalStateException("no kind of turn for " + turn.chatId()))
        .of(turn);
  }

  private Optional<String> prefix(String chatId) {
    return kinds.keySet().stream()
        .filter(chatId::startsWith)
        .max(Comparator.comparingInt(String::length));
  }
}
