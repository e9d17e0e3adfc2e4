package ai.liberclaw.agent.mcp;

import java.net.URI;
import java.util.List;
import java.util.Map;

/** One MCP server as its owner describes it. The text of one holds no secrets. */
public sealed interface ServerSettings {
  /** Part of the names of its tools; unique among the servers of an agent. */
  String name();

  /** {@code stdio} or {@code http}. */
  default String transport() {
    return switch (this) {
      case Stdio _ -> "stdio";
      case Http _ -> "http";
    };
  }

  /**
   * A program that the agent starts and talks to over its standard input and output.
   *
   * @param environment on top of the few harmless variables that every child gets
   */
  record Stdio(String name, String command, List<String> args, Map<String, String> environment)
      implements ServerSettings {
    public Stdio {
      args = List.copyOf(args);
      environment = Map.copyOf(environment);
    }

    @Override
    public String toString() {
      return "Stdio[" + name + "]";
    }
  }

  /**
   * A server that runs elsewhere, also on a private address: the owner chose it.
   *
   * @param headers sent with every request, unless the protocol has a word of its own there
   */
  record Http(String name, URI url, Map<String, String> headers) implements ServerSettings {
    public Http {
      headers = Map.copyOf(headers);
    }

    @Override
    public String toString() {
      return "Http[" + name + "]";
    }
  }
}
