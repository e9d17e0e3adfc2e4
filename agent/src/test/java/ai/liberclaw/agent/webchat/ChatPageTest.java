package ai.liberclaw.agent.webchat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.browser.Browser;
import ai.liberclaw.testkit.browser.Page;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, in front of a real agent with a scripted model. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ChatPageTest {
  private static final String RULES =
      "[{\"tool\":\"bash\",\"match\":{\"command\":\"echo asked*\"},\"action\":\"ask\"}]";

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Path folder;
  private TestAgent agent;
  private Relay network;
  private Browser browser;
  private Page page;

  @BeforeAll
  void start(@TempDir Path shared) throws IOException {
    folder = shared;
    browser = open(Browser.launch());
    ModelServer model = open(ModelServer.start().respond(PageModel::answer));
    Map<String, String> variables = new HashMap<>(TestAgent.asking(model));
    variables.put("AGENT_NAME", "Ada");
    variables.put("TOOL_RULES", RULES);
    agent = open(TestAgent.start(folder, variables));
    network = open(new Relay(agent.port()));
    BufferedImage picture = new BufferedImage(320, 160, BufferedImage.TYPE_INT_RGB);
    picture.createGraphics().fillRect(40, 40, 120, 80);
    ImageIO.write(picture, "png", agent.workspace().resolve("plot.png").toFile());
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  /** Last opened, first closed. */
  @AfterAll
  void end() throws Exception {
    for (AutoCloseable part : opened) {
      part.close();
    }
  }

  @BeforeEach
  void visit() {
    page = browser.page();
    page.size(1280, 800);
  }

  /** What holds for every visit, whatever was done. */
  @AfterEach
  void nothingWentWrongAndNothingWentElsewhere() {
    try {
      assertEquals("[]", page.problems().toString());
      for (String address : page.requests()) {
        assertTrue(
            address.startsWith(address("/")) || address.startsWith("blob:" + address("/")),
            address);
        assertFalse(address.contains(TestAgent.SECRET), address);
      }
      assertFalse(page.evaluate("location.href").asText().contains(TestAgent.SECRET));
      assertFalse(
          page.evaluate("document.documentElement.outerHTML").asText().contains(TestAgent.SECRET));
      assertFalse(
          page.evaluate("JSON.stringify(localStorage)").asText().contains(TestAgent.SECRET));
    } finally {
      page.close();
    }
  }

  @Test
  void thePersonSignsInAndSeesTheAnswerGrow() {
    page.open(address("/"));
    page.untilShown("Sign in");
    page.click("#secret");
    page.type("a-wrong-secret");
    page.press("Enter");
    page.untilShown("This secret is not the agent's.");
    dropTheBrowsersOwnNote();
    page.click("#secret");
    page.type(TestAgent.SECRET);
    page.press("Enter");
    page.untilShown("What can I do for you?");
    say("markdown");
    page.until("document.querySelector('.text.writing')?.innerText.includes('A table')");
    page.until("document.querySelector('.text:not(.writing) strong')?.innerText === 'bold'");
    assertEquals(1, count(".text table"));
    assertEquals(1, count(".text a[href='https://example.org/'][rel~=noopener]"));
    assertEquals(0, count(".text img, .text script, .text a[href^=javascript]"));
    assertTrue(page.visibleText().contains("<img src=x onerror=alert(1)>"));
    assertEquals("Ada", page.evaluate("document.title").asText());
  }

  @Test
  void aLinkSignsInAndItsSecretIsGoneBeforeAnythingShows() {
    page.open(address("/#token=" + TestAgent.SECRET + "&chat=from-a-link"));
    page.untilShown("What can I do for you?");
    assertEquals(address("/"), page.evaluate("location.href").asText());
    say("hello");
    page.untilShown("Good day.");
    page.click("#sign-out");
    page.untilShown("Sign in");
    assertFalse(page.visibleText().contains("Good day."));
    assertEquals(
        "null", page.evaluate("String(sessionStorage.getItem('liberclaw.secret'))").asText());
  }

  @Test
  void toolsAndFilesAreCards() {
    enter("cards");
    say("tool");
    page.untilShown("The tool answered.");
    page.click("details.tool summary");
    page.untilShown("echo from-the-tool");
    page.until("document.querySelector('details.tool.ok')?.innerText.includes('from-the-tool')");
    say("picture");
    page.until("document.querySelector('.file img.preview')?.naturalWidth === 320");
    page.untilShown("A plot");
    page.untilShown("Sent.");
    page.reload();
    page.until("document.querySelector('.file img.preview')?.naturalWidth === 320");
    page.click("details.tool summary");
    page.until("document.querySelector('details.tool.ok')?.innerText.includes('from-the-tool')");
    assertEquals(2, count(".user"));
  }

  @Test
  void aFileIsHandedOver() throws IOException {
    enter("upload");
    Path notes = Files.writeString(folder.resolve("notes.txt"), "some notes");
    page.chooseFiles("#files", notes);
    page.until("document.querySelector('#attached button')");
    page.click("#message");
    page.type("hello");
    page.press("Enter");
    page.untilShown("Good day.");
    page.untilShown("[Attached file: uploads/notes.txt]");
    assertEquals("some notes", Files.readString(agent.workspace().resolve("uploads/notes.txt")));
  }

  @Test
  void aReloadWhileATurnRunsGoesOnWithIt() throws IOException {
    enter("reload");
    say("hold reload");
    page.until("document.querySelector('details.tool.running')");
    page.reload();
    page.until("document.querySelector('details.tool.running')");
    assertEquals(1, count(".user"));
    agent.letGo("reload");
    page.untilShown("The tool answered.");
    page.until("document.querySelector('#stop').hidden");
    assertEquals(1, count("details.tool"));
  }

  @Test
  void aBrowserThatForgotEverythingShowsTheStoredConversation() throws IOException {
    enter("stored");
    say("tool");
    page.untilShown("The tool answered.");
    say("hold stored");
    page.until("document.querySelector('details.tool.running')");
    page.evaluate("localStorage.clear()");
    page.reload();
    page.until("document.querySelector('details.tool.running')");
    assertEquals(2, count(".user"));
    assertEquals(2, count("details.tool"));
    assertEquals("tool", page.evaluate("document.querySelector('#chat-title').innerText").asText());
    agent.letGo("stored");
    page.until("document.querySelector('#stop').hidden");
    assertEquals(2, count(".text"));
  }

  @Test
  void aLostConnectionIsTakenUpAgain() throws IOException {
    enter("lost");
    say("hold lost");
    page.until("document.querySelector('details.tool.running')");
    network.down(true);
    page.untilShown("Reconnecting");
    agent.letGo("lost");
    network.down(false);
    page.untilShown("The tool answered.");
    page.until("document.querySelector('#stop').hidden");
    assertEquals(1, count("details.tool"));
    assertEquals(1, count(".user"));
    page.forgetProblems("net::ERR_");
  }

  @Test
  void escapeStopsAndShiftEnterMakesALine() {
    enter("stop");
    page.click("#message");
    page.type("hold stop");
    page.pressWithShift("Enter");
    page.type("second line");
    page.press("Enter");
    page.until("document.querySelector('details.tool.running')");
    assertEquals(
        "You: hold stop\nsecond line",
        page.evaluate("document.querySelector('.user').textContent").asText());
    page.press("Escape");
    page.untilShown("Stopped.");
    page.until("document.querySelector('#stop').hidden");
    assertEquals(0, count("details.tool.running"));
  }

  @Test
  void aQuestionIsAnsweredWithAButton() {
    enter("ask");
    say("ask");
    page.untilShown("May I use bash?");
    page.reload();
    page.untilShown("May I use bash?");
    page.click("[data-decision=once]");
    page.untilShown("Allowed once");
    page.untilShown("The tool answered.");
    say("ask");
    page.until("document.querySelectorAll('[data-decision=deny]').length === 1");
    page.click("[data-decision=deny]");
    page.untilShown("Denied");
    page.until("document.querySelector('#stop').hidden");
  }

  @Test
  void chatsAreKeptApartAndDeleted() {
    enter("first");
    say("hello");
    page.untilShown("Good day.");
    page.click("#new-chat");
    page.untilShown("What can I do for you?");
    say("tool");
    page.untilShown("The tool answered.");
    assertEquals(2, count("#chat-list li"));
    page.click("#chat-list li:nth-child(2) button");
    page.untilShown("Good day.");
    assertEquals(0, count("details.tool"));
    page.click("#delete-chat");
    page.click("#ask [value=yes]");
    page.untilShown("The tool answered.");
    assertEquals(1, count("#chat-list li"));
  }

  @Test
  void aSmallScreenShowsEverythingWithoutScrollingSideways() {
    page.size(320, 640);
    enter("small");
    say("markdown");
    page.until("document.querySelector('.text:not(.writing) table')");
    say("tool");
    page.untilShown("The tool answered.");
    page.click("details.tool summary");
    fits();
    say("ask");
    page.untilShown("May I use bash?");
    fits();
    page.click("[data-decision=deny]");
    page.untilShown("Denied");
    page.click("#open-chats");
    page.until("document.querySelector('#new-chat').getBoundingClientRect().x >= 0");
    fits();
    page.press("Escape");
    page.until("!document.body.classList.contains('list-open')");
  }

  @Test
  void theKeyboardReachesEverythingAndColoursFollowTheSystem() {
    enter("keys");
    page.colours("dark");
    page.until("matchMedia('(prefers-color-scheme: dark)').matches");
    String dark = ground();
    page.click("#theme");
    String light = ground();
    assertFalse(dark.equals(light));
    page.reload();
    page.untilShown("What can I do for you?");
    assertEquals(light, ground());
    page.evaluate("document.querySelector('a, button, input, textarea').focus()");
    assertEquals("skip", page.evaluate("document.activeElement.className").asText());
    page.press("Enter");
    page.until("document.activeElement.id === 'message'");
    assertEquals(
        0, count("button:not([aria-label]):empty, input:not([aria-label]):not([id=secret])"));
  }

  /** Pieces of Markdown and HTML in every order, and long runs of what regular expressions fear. */
  @Test
  void noTextOfAModelBecomesActiveOrSlow() throws IOException {
    page.open(address("/"));
    page.untilShown("Sign in");
    JsonNode result;
    try (InputStream script = ChatPageTest.class.getResourceAsStream("markdown-fuzz.js")) {
      result = page.evaluate(new String(script.readAllBytes(), StandardCharsets.UTF_8));
    }
    assertEquals("[]", result.path("unknown").toString());
    assertTrue(result.path("slowest").path("ms").intValue() < 3000, () -> "slow: " + result);
  }

  private void fits() {
    JsonNode widths =
        page.evaluate(
            "[document.documentElement.scrollWidth, innerWidth,"
                + " document.querySelector('#scroller').scrollWidth"
                + " - document.querySelector('#scroller').clientWidth]");
    assertEquals(widths.path(1).intValue(), widths.path(0).intValue());
    assertEquals(0, widths.path(2).intValue());
  }

  private String ground() {
    return page.evaluate("getComputedStyle(document.body).backgroundColor").asText();
  }

  private void enter(String chat) {
    page.open(address("/#token=" + TestAgent.SECRET + "&chat=" + chat));
    page.until("document.querySelector('#app') && !document.querySelector('#app').hidden");
    page.untilShown("What can I do for you?");
  }

  private void say(String text) {
    page.click("#message");
    page.type(text);
    page.press("Enter");
  }

  /** A refused request is noted by the browser itself, here the one of the wrong secret. */
  private void dropTheBrowsersOwnNote() {
    Await.until("the note is there", Duration.ofSeconds(5), () -> page.forgetProblems("401"));
  }

  private int count(String selector) {
    return page.evaluate(
            "document.querySelectorAll("
                + Json.write(Json.object().textNode(selector))
                + ").length")
        .intValue();
  }

  private String address(String path) {
    return "http://127.0.0.1:" + network.port() + path;
  }
}
