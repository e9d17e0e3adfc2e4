package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import ai.liberclaw.agent.tool.code.Scripts;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExecuteCodeToolTest {
  @TempDir Path folder;
  private Scene scene;
  private ExecuteCodeTool tool;

  @BeforeEach
  void open() throws IOException {
    open(TestSandboxes::weak);
  }

  private void open(Function<Place, Sandbox> kind) throws IOException {
    scene = new Scene(folder, kind);
    tool = new ExecuteCodeTool(new Scripts(scene.commands), scene.results);
    assumeTrue(tool.unavailable().isEmpty(), "python3 is not installed");
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private String run(String code) throws IOException, InterruptedException {
    return run(code, 20);
  }

  private String run(String code, int timeout) throws IOException, InterruptedException {
    Toolbox[] tools = {scene.tools};
    ToolContext context =
        new ToolContext("chat", "turn", "c1", true, call -> tools[0].call(call, Scene.context()));
    return tool.call(Json.object().put("code", code).put("timeout", timeout), context).content();
  }

  @Test
  void scriptsCallToolsAndSeeErrorsAsExceptions() throws Exception {
    assertEquals(
        "Wrote 5 bytes to a.txt\nhello\n[exit code: 0]\nnot there: True\n",
        run(
            """
            print(call_tool("write_file", path="a.txt", content="hello"))
            print(call_tool("bash", command="cat a.txt"))
            try:
                call_tool("read_file", path="b.txt")
            except ToolError as e:
                print("not there:", "does not exist" in str(e))
            """));
  }

  @Test
  void w3ItRunsInTheWorkspaceWithoutInputOrSecrets() throws Exception {
    assertEquals(
        scene.workspace.root() + " [] False script.py\n",
        run(
            """
            import os, sys
            print(os.getcwd(), list(sys.stdin), "AGENT_SECRET" in os.environ, sys.argv[0])
            """));
  }

  @Test
  void errorsAndExitCodesAreShown() throws Exception {
    String failed = run("print('before')\nraise ValueError('grüße 🦀')\n");
    assertTrue(failed.startsWith("before\n[stderr]\nTraceback"), failed);
    assertTrue(failed.contains("File \"script.py\", line 2"), failed);
    assertTrue(failed.endsWith("ValueError: grüße 🦀\n[exit code: 1]"), failed);
    assertEquals("(no output)", run("pass"));
    assertEquals("[exit code: 7]", run("import sys; sys.exit(7)"));
    assertTrue(run("def x(:").contains("SyntaxError"));
  }

  @Test
  void neitherScriptsNorTasksNorFilesForTheUserComeFromScripts() throws Exception {
    assertEquals(
        """
        tool 'spawn' cannot be called from a script
        tool 'execute_code' cannot be called from a script
        tool 'send_file' cannot be called from a script
        """,
        run(
            """
            for name in ["spawn", "execute_code", "send_file"]:
                try:
                    call_tool(name, code="1")
                except ToolError as e:
                    print(e)
            """));
  }

  @Test
  void w7GuardRailsHoldForCallsOfScripts() throws Exception {
    assertTrue(run("call_tool('bash', command='rm -rf /')").contains("[blocked: "));
  }

  @Test
  void w10bRequestsMayBeLongAndComeFromSeveralThreads() throws Exception {
    assertEquals(
        "Wrote 300000 bytes to big\n8\n",
        run(
            """
            import threading
            print(call_tool("write_file", path="big", content="x" * 300000))
            done = []
            def one(i):
                done.append(call_tool("write_file", path=f"t{i}", content="x"))
            threads = [threading.Thread(target=one, args=(i,)) for i in range(8)]
            [t.start() for t in threads]
            [t.join() for t in threads]
            print(len(done))
            """));
  }

  @Test
  void w10bTheEndOfOneScriptLeavesTheRulesOfAnotherInForce() throws Exception {
    FutureTask<String> first =
        new FutureTask<>(() ->
            run(
                """
                import os, time
                open("began", "w").close()
                while not os.path.exists("go"):
                    time.sleep(0.01)
                for command in ["rm -rf /", "echo mine"]:
                    try:
                        print(call_tool("bash", command=command).splitlines()[0])
                    except ToolError as e:
                        print(str(e)[:9])
                """));
    Thread.ofVirtual().start(first);
    Await.until(
        "the first runs",
        Duration.ofSeconds(10),
        () -> Files.exists(scene.workspace.root().resolve("began")));
    assertEquals("second\n", run("print('second')"));
    scene.file("go", "");
    assertEquals("[blocked:\nmine\n", first.get());
  }

  @Test
  void w10bAConnectionWithoutTheTokenGetsNothing() throws Exception {
    assertEquals(
        "b''\n",
        run(
            """
            import gc, socket
            path = [c.cell_contents for c in call_tool.__closure__ if isinstance(c.cell_contents, str) and "/" in c.cell_contents][0]
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            s.sendall(b"guess\\n" + b'{"method":"call_tool","params":{"name":"bash","arguments":{"command":"id"}},"id":1}\\n')
            print(s.recv(100))
            """));
  }

  @Test
  void w6ATimeoutEndsTheScriptAndTheCallItMakes() throws Exception {
    long start = System.nanoTime();
    String result =
        run("print('a')\ncall_tool('bash', command='sleep 30; touch late', timeout=60)", 1);
    assertEquals("a\n[timed out after 1s]", result);
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(8).toNanos());
    assertTrue(Files.notExists(scene.workspace.root().resolve("late")));
  }

  @Test
  void worksAsAnotherUser() throws Exception {
    scene.close();
    open(TestSandboxes::user);
    assertEquals(
        "True True\n",
        run("import os; print(os.getuid() > 0, 'uid=' in call_tool('bash', command='id'))"));
  }

  @Test
  void worksInBubblewrap() throws Exception {
    scene.close();
    open(TestSandboxes::bubblewrap);
    assertEquals("x\n[exit code: 0]\n", run("print(call_tool('bash', command='echo x'))"));
  }
}
