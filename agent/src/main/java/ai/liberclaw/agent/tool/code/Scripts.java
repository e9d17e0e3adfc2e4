package ai.liberclaw.agent.tool.code;

import ai.liberclaw.agent.tool.shell.CommandOutcome;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.Exchange;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Secrets;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Runs Python scripts in the workspace, each with a way of its own to call tools. */
public final class Scripts {
  private static final int TOKEN_BYTES = 32;

  /** The mode of a socket that its owner's group may connect to. */
  private static final int SOCKET_MODE = 0660;

  /**
   * Reads what it needs from its standard input, where no other process sees it, and runs the
   * script as the main module.
   */
  private static final String START =
      """
      import sys, os, json
      _given = json.loads(sys.stdin.readline())
      _null = os.open(os.devnull, os.O_RDONLY)
      os.dup2(_null, 0)
      os.close(_null)
      sys.stdin = open(0, closefd=False)

      class ToolError(Exception):
          pass

      def _make(path, token):
          import socket, threading, itertools
          local = threading.local()
          ids = itertools.count(1)
          def call_tool(name, **args):
              if not hasattr(local, "file"):
                  connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                  connection.connect(path)
                  local.file = connection.makefile("rwb")
                  local.file.write(token.encode() + b"\\n")
              request = {"method": "call_tool", "params": {"name": name, "arguments": args}, "id": next(ids)}
              local.file.write(json.dumps(request).encode() + b"\\n")
              local.file.flush()
              line = local.file.readline()
              if not line:
                  raise ToolError("the agent no longer takes calls")
              answer = json.loads(line)
              if "error" in answer:
                  raise ToolError(answer["error"])
              return answer["result"]
          return call_tool

      import builtins
      builtins.call_tool = _make(_given["socket"], _given["token"])
      builtins.ToolError = ToolError
      sys.path[0:1] = [os.getcwd()]
      sys.argv = ["script.py"]
      _code = _given["code"]
      import linecache
      linecache.cache["script.py"] = (len(_code), None, _code.splitlines(True), "script.py")
      del _given, _null, _make
      exec(compile(_code, "script.py", "exec"), {"__name__": "__main__", "__builtins__": builtins})
      """;

  private final Commands commands;
  private final Optional<String> python;

  public Scripts(Commands commands) {
    this.commands = commands;
    this.python = commands.sandbox().find("python3");
  }

  /** Why no script can run here. */
  public Optional<String> unavailable() {
    return python.isPresent() ? Optional.empty() : Optional.of("python3 is not installed");
  }

  /**
   * Runs a script.
   *
   * @throws InterruptedException nothing of it runs on
   */
  public CommandOutcome run(String code, Duration timeout, CallHandler calls)
      throws IOException, InterruptedException {
    String interpreter = python.orElseThrow(() -> new IOException("python3 is not installed"));
    String token = Secrets.token(TOKEN_BYTES);
    try (Exchange exchange = commands.exchange()) {
      Path socket = exchange.path("calls");
      try (CallServer server = new CallServer(socket, token, calls)) {
        exchange.share(socket, SOCKET_MODE);
        server.start();
        String given =
            Json.writeAscii(
                Json.object()
                    .put("socket", socket.toString())
                    .put("token", token)
                    .put("code", code));
        return commands.run(
            List.of(interpreter, "-u", "-c", START),
            given + "\n",
            List.of(exchange.folder()),
            timeout);
      }
    }
  }
}
