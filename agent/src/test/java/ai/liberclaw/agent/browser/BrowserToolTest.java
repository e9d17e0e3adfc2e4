package ai.liberclaw.agent.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One Chromium serves all tests that do not end it. */
final class BrowserToolTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(20);
  private static final String TAG = "browser-" + UUID.randomUUID();

  @TempDir static Path folder;
  private static Site open;
  private static Site secret;
  private static BrowserTool shared;

  @BeforeAll
  static void start() throws IOException {
    open = new Site();
    secret = new Site().page("/", "<p>inner secret</p>");
    shared = tool(TAG, true, Duration.ofMinutes(1));
  }

  @AfterAll
  static void end() {
    shared.close();
    assertEquals(List.of(), Processes.mentioning(TAG));
    open.close();
    secret.close();
  }

  private static BrowserTool tool(String tag, boolean enabled, Duration idleMax)
      throws IOException {
    Path home = Files.createDirectories(folder.resolve(tag).resolve("workspace")).toRealPath();
    Path data = Files.createDirectories(folder.resolve(tag).resolve("data"));
    Map<String, String> environment = Map.of("PATH", System.getenv("PATH"), "TAG", tag);
    Sandbox sandbox = TestSandboxes.weak(new Place(home, data, List.of(), environment));
    return new BrowserTool(
        new BrowserSettings(enabled),
        sandbox,
        data,
        new AddressPolicy(List.of(open.hostAndPort())),
        text -> text,
        idleMax);
  }

  private static List<Path> profiles(String tag) {
    return Processes.mentioning(tag).stream()
        .flatMap(pid -> Stream.of(Processes.arguments(pid).split(" ")))
        .filter(argument -> argument.startsWith("--user-data-dir=/"))
        .map(argument -> Path.of(argument.substring("--user-data-dir=".length())).getParent())
        .distinct()
        .toList();
  }

  private static ToolResult call(BrowserTool tool, String chat, String... arguments)
      throws Exception {
    ObjectNode json = Json.object();
    for (int i = 0; i < arguments.length; i += 2) {
      json.put(arguments[i], arguments[i + 1]);
    }
    return tool.call(json, new ToolContext(chat, "t", "c", true));
  }

  private static ToolResult go(String path) throws Exception {
    return call(shared, "chat", "action", "goto", "url", open.url(path));
  }

  private static String extract() throws Exception {
    return call(shared, "chat", "action", "extract").content();
  }

  @Test
  void textThatAScriptMadeIsExtractedAsUntrusted() throws Exception {
    open.page(
        "/made",
        "<title>Made</title><main></main><script>document.querySelector('main').innerHTML ="
            + " '<p>made <a href=\"/next\">by script</a></p>'</script>");
    ToolResult went = go("/made");
    assertFalse(went.isError(), went.content());
    assertTrue(went.content().contains("Made"), went.content());
    String text = extract();
    assertTrue(text.startsWith("[untrusted content from " + open.url("/made")), text);
    assertTrue(text.contains("by script") && text.contains(open.url("/next")), text);
    assertFalse(
        open.headers.stream().anyMatch(name -> name.regionMatches(true, 0, "proxy-", 0, 6)),
        open.headers.toString());
  }

  @Test
  void fieldsAreFilledAndLinksFollowedAndLeft() throws Exception {
    open.page(
        "/form", "<form action=/found><input name=q value=old><button>Find it</button></form>");
    open.page("/found?q=new+words", "<p>results</p><a target=_blank href=/deep>go deeper</a>");
    open.page("/found?q=once+more", "<p>again</p>");
    open.page("/deep", "<p>the deep page</p>");
    go("/form");
    assertTrue(extract().contains("- input[name=\"q\"] old"), extract());
    call(shared, "chat", "action", "type", "selector", "[name=q]", "text", "new words");
    ToolResult clicked = call(shared, "chat", "action", "click", "text", "find it");
    assertTrue(clicked.content().contains("/found?q=new+words"), clicked.content());
    call(shared, "chat", "action", "click", "selector", "a");
    assertTrue(extract().contains("the deep page"), extract());
    call(shared, "chat", "action", "back");
    assertTrue(extract().contains("results"), extract());
    call(shared, "chat", "action", "back");
    ToolResult entered =
        call(shared, "chat", "action", "type", "selector", "[name=q]", "text", "once more\n");
    assertTrue(entered.content().contains("/found?q=once+more"), entered.content());
  }

  @Test
  void aScreenshotIsShownToTheModel() throws Exception {
    open.page("/seen", "<body style='background: #0a0'>green</body>");
    go("/seen");
    ToolResult shot = call(shared, "chat", "action", "screenshot");
    assertEquals(1, shot.images().size(), shot.content());
    assertTrue(shot.images().getFirst().mediaType().startsWith("image/"));
  }

  @Test
  void privateAddressesAreRefusedHoweverTheyAreReached() throws Exception {
    open.redirect("/away", secret.url("/"));
    open.page(
        "/parts",
        "<p id=o>waiting</p><img src='"
            + secret.url("/image")
            + "'><iframe src='"
            + secret.url("/frame")
            + "'></iframe><script>fetch('"
            + secret.url("/fetch")
            + "', {mode: 'no-cors'}).then(r => r.type, e => 'refused').then(x =>"
            + " {document.querySelector('#o').textContent = 'fetch: ' + x});"
            + "new WebSocket('ws://"
            + secret.hostAndPort()
            + "/socket');</script>");
    for (String url :
        List.of(
            secret.url("/"),
            open.url("/away"),
            "http://localhost/",
            "https://127.0.0.1:8443/",
            "http://169.254.169.254/")) {
      ToolResult refused = call(shared, "chat", "action", "goto", "url", url);
      assertEquals("[error: blocked address]", refused.content(), url);
    }
    go("/parts");
    Await.until("the page has tried", WAIT_MAX, () -> !extract().contains("waiting"));
    String text = extract();
    assertFalse(text.contains("inner secret"), text);
    assertEquals(List.of(), secret.asked);
  }

  @Test
  void otherAddressesAreNoPages() throws Exception {
    open.page("/start", "<a href='file:///etc/passwd'>a file</a>");
    assertTrue(call(shared, "chat", "action", "goto", "url", "file:///etc/passwd").isError());
    assertTrue(
        call(shared, "chat", "action", "goto", "url", "http://u:p@" + open.hostAndPort())
            .isError());
    go("/start");
    call(shared, "chat", "action", "click", "selector", "a");
    assertFalse(extract().contains("root:"), extract());
  }

  @Test
  void downloadsDialogsAndWindowsComeToNothing() throws Exception {
    open.page("/file", "x");
    open.page("/pushy", "<p>pushy</p><script>alert(1); window.open('/popup')</script>");
    assertEquals(
        "[error: the address has no page to show; downloads are refused]", go("/file").content());
    ToolResult went = go("/pushy");
    assertFalse(went.isError(), went.content());
    assertTrue(extract().contains("pushy"), extract());
  }

  @Test
  void chatsShareNothing() throws Exception {
    open.page(
        "/cookie",
        "<p></p><script>document.querySelector('p').textContent ="
            + " 'had:' + document.cookie; document.cookie = 'a=1'</script>");
    for (String chat : List.of("one", "two", "one")) {
      call(shared, chat, "action", "goto", "url", open.url("/cookie"));
    }
    assertTrue(call(shared, "one", "action", "extract").content().contains("had:a=1"));
    assertFalse(call(shared, "two", "action", "extract").content().contains("had:a=1"));
  }

  @Test
  void anIdleBrowserEndsAndLeavesNothing() throws Exception {
    String tag = "browser-" + UUID.randomUUID();
    open.page("/idle", "<p>here</p>");
    try (BrowserTool tool = tool(tag, true, Duration.ofMillis(1500))) {
      call(tool, "chat", "action", "goto", "url", open.url("/idle"));
      List<Path> profiles = profiles(tag);
      assertEquals(1, profiles.size());
      assertTrue(Files.exists(profiles.getFirst()));
      Await.until("Chromium ends", WAIT_MAX, () -> Processes.mentioning(tag).isEmpty());
      assertFalse(Files.exists(profiles.getFirst()));
    }
  }

  @Test
  void withoutTheOwnersWordItIsUnavailable() throws Exception {
    try (BrowserTool tool = tool("off", false, Duration.ofMinutes(1))) {
      assertEquals(Optional.of("BROWSER_ENABLED is not true"), tool.unavailable());
    }
    assertEquals(Optional.empty(), shared.unavailable());
  }
}
