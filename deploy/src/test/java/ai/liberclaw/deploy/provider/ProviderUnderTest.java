package ai.liberclaw.deploy.provider;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A provider together with all it works on outside: this machine, an engine, hosts, a network. Made
 * once for all tests of a class. Its agents are stand-ins that answer {@code /health}, note each of
 * their starts with their version in their database, and end at once when that begins with {@code
 * broken}.
 */
public interface ProviderUnderTest extends AutoCloseable {
  /** The model key that agents are given; it belongs in no process list. */
  String KEY = "sk-contract-model-key-0123456789";

  /** The text of every skill: nothing in it may mean anything to whoever passes it on. */
  String SKILL = "skill '\"$(touch /tmp/lc-evil)`touch /tmp/lc-evil`%s%n\\\n🦀 EOF\n.\n";

  Provider provider();

  /** A provider of another installation that works on the same outside. */
  Provider stranger();

  /** Called before each test, which finds all tables empty. */
  void reset();

  /** Makes a release known, the one that agents get unless an order names another. Its id. */
  String release(String version);

  /** The variables an agent was last started with. */
  Map<String, String> variables(Instance instance);

  /** Runs a shell command where the agent's files are; {@code $DATA} is their directory. */
  String inside(Instance instance, String script);

  /** How many servers of the agent run, whoever started them. */
  int running(UUID agentId);

  /** What is outside of the database of an agent, by any name. */
  List<String> left(UUID agentId);

  /** Whether variables are handed to the agent in its environment, which it empties itself. */
  default boolean keyInEnvironment() {
    return false;
  }

  @Override
  void close();
}
