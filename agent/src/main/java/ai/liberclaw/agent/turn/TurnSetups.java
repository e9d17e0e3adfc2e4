package ai.liberclaw.agent.turn;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kinds of turns an agent has. A chat whose name begins with a registered prefix belongs to
 * that kind, every other chat to people.
 */
public final class TurnSetups {
  private final TurnSetup.Source people;
  private final Map<String, TurnSetup.Source> internal = new ConcurrentHashMap<>();

  /**
   * @param people how a message of a person is run
   */
  public TurnSetups(TurnSetup.Source people) {
    this.people = people;
  }

  /**
   * Adds a kind; before the engine starts, which may go on with turns of it.
   *
   * @param chatPrefix such as {@code __subagent_}
   */
  public void register(String chatPrefix, TurnSetup.Source source) {
    if (internal.putIfAbsent(chatPrefix, source) != null) {
      throw new IllegalArgumentException("registered already: " + chatPrefix);
    }
  }

  /** True for a chat that the agent keeps for itself. */
  public boolean isInternal(String chatId) {
    return registered(chatId).isPresent();
  }

  TurnSetup of(Turn turn) {
    return registered(turn.chatId()).orElse(people).of(turn);
  }

  private Optional<TurnSetup.Source> registered(String chatId) {
    return internal.entrySet().stream()
        .filter(kind -> chatId.startsWith(kind.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
