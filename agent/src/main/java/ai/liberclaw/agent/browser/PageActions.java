package ai.liberclaw.agent.browser;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;

/**
 * What can be done on a page, by mouse, keys and eyes.
 *
 * @param deadline of all of it
 */
record PageActions(ChatPage page, Deadline deadline) {
  /** Characters of HTML that are read of a page. */
  static final int HTML_LENGTH_MAX = 5_000_000;

  /** How long a click may take to make the page load something. */
  private static final Duration REACTION_MAX = Duration.ofMillis(300);

  /** What of the time is kept for looking at a page that does not stop loading. */
  private static final Duration RESERVE = Duration.ofSeconds(3);

  /** Where a page is. */
  record Place(String url, String title, boolean loaded) {}

  Place open(String url) throws BrowserFault, InterruptedException {
    page.takeRefused();
    JsonNode result = call("Page.navigate", Json.object().put("url", url));
    String error = result.path("errorText").asText("");
    if (!error.isEmpty()) {
      throw failure(error);
    }
    return place(settled());
  }

  Place back() throws BrowserFault, InterruptedException {
    JsonNode history = call("Page.getNavigationHistory", Json.object());
    int index = history.path("currentIndex").asInt() - 1;
    JsonNode entry = history.path("entries").path(index);
    if (index < 0 || !web(entry.path("url").asText())) {
      throw BrowserFault.of("there is no earlier page");
    }
    page.takeRefused();
    long before = page.loadsBegun();
    call("Page.navigateToHistoryEntry", Json.object().put("entryId", entry.path("id").asInt()));
    page.awaitBegin(before, deadline.within(REACTION_MAX));
    return place(settled());
  }

  /** Of an element, or of all. */
  String html(String selector) throws BrowserFault, InterruptedException {
    String element = selector.isEmpty() ? "document.documentElement" : query(selector);
    JsonNode value =
        evaluate("String(" + element + "?.outerHTML ?? '').slice(0, " + HTML_LENGTH_MAX + ")", true)
            .path("value");
    String html = value.asText();
    if (html.isEmpty()) {
      throw BrowserFault.of("no element matches the selector");
    }
    return html;
  }

  /** PNG. */
  byte[] screenshot() throws BrowserFault, InterruptedException {
    place(true);
    JsonNode shot = call("Page.captureScreenshot", Json.object().put("format", "png"));
    return Base64.getDecoder().decode(shot.path("data").asText());
  }

  /** An element by its selector, or a link or button by its words. */
  Place click(String selector, String words) throws BrowserFault, InterruptedException {
    String element = element(selector.isEmpty() ? byWords(words) : query(selector));
    // A link's new window would only be closed.
    on(element, "this.closest?.('a[target]')?.removeAttribute('target')");
    call("DOM.scrollIntoViewIfNeeded", object(element));
    JsonNode quad = call("DOM.getContentQuads", object(element)).path("quads").path(0);
    if (quad.size() != 8) {
      throw BrowserFault.of("the element cannot be seen");
    }
    double x = (quad.path(0).asDouble() + quad.path(4).asDouble()) / 2;
    double y = (quad.path(1).asDouble() + quad.path(5).asDouble()) / 2;
    page.takeRefused();
    long before = page.loadsBegun();
    for (String type : new String[] {"mouseMoved", "mousePressed", "mouseReleased"}) {
      ObjectNode event = Json.object().put("type", type).put("x", x).put("y", y);
      if (!type.equals("mouseMoved")) {
        event.put("button", "left").put("clickCount", 1);
      }
      call("Input.dispatchMouseEvent", event);
    }
    page.awaitBegin(before, deadline.within(REACTION_MAX));
    return place(settled());
  }

  /** Replaces what a field holds; a line break at the end is the Enter key. */
  Place type(String selector, String text) throws BrowserFault, InterruptedException {
    String element = element(query(selector));
    call("DOM.focus", object(element));
    on(element, "this.select ? this.select() : getSelection().selectAllChildren(this)");
    boolean enter = text.endsWith("\n");
    String typed = enter ? text.substring(0, text.length() - 1) : text;
    call("Input.insertText", Json.object().put("text", typed));
    page.takeRefused();
    long before = page.loadsBegun();
    if (enter) {
      ObjectNode key =
          Json.object().put("key", "Enter").put("code", "Enter").put("windowsVirtualKeyCode", 13);
      call("Input.dispatchKeyEvent", key.deepCopy().put("type", "keyDown").put("text", "\r"));
      call("Input.dispatchKeyEvent", key.put("type", "keyUp"));
      page.awaitBegin(before, deadline.within(REACTION_MAX));
    }
    return place(settled());
  }

  /** Where the page is now. */
  Place place(boolean loaded) throws BrowserFault, InterruptedException {
    JsonNode history = call("Page.getNavigationHistory", Json.object());
    JsonNode entry = history.path("entries").path(history.path("currentIndex").asInt());
    String url = entry.path("url").asText();
    String shown = evaluate("document.documentURI", true).path("value").asText();
    if (shown.startsWith("chrome-error:")) {
      throw failure("net::ERR_FAILED");
    }
    if (!web(url)) {
      throw BrowserFault.of("no page is open: begin with the action goto");
    }
    return new Place(url, entry.path("title").asText(), loaded);
  }

  private boolean settled() throws BrowserFault, InterruptedException {
    boolean loaded = page.awaitLoaded(deadline.before(RESERVE));
    if (!loaded) {
      page.post("Page.stopLoading", Json.object());
    }
    return loaded;
  }

  private BrowserFault failure(String error) {
    if (page.takeRefused()) {
      return BrowserFault.of("blocked address");
    }
    return BrowserFault.of(
        switch (error) {
          case "net::ERR_ABORTED" -> "the address has no page to show; downloads are refused";
          case "net::ERR_FAILED" -> "the page could not be loaded";
          default ->
              "the page could not be loaded ("
                  + error.replaceFirst("^net::ERR_", "").toLowerCase(Locale.ROOT).replace('_', ' ')
                  + ")";
        });
  }

  private static boolean web(String url) {
    return url.startsWith("http://") || url.startsWith("https://");
  }

  private static String query(String selector) {
    return "document.querySelector(" + Json.writeAscii(Json.array().add(selector)) + "[0])";
  }

  private static String byWords(String words) {
    ArrayNode quoted = Json.array().add(words.strip());
    return """
    (() => {
      const words = %s[0].toLowerCase();
      const text = e => (e.innerText || e.value || e.ariaLabel || '').trim().toLowerCase();
      const all = [...document.querySelectorAll('a, button, input[type=submit], \
    input[type=button], summary, label, [role=button], [role=link], [role=tab], [onclick]')]
        .filter(e => e.checkVisibility());
      return all.find(e => text(e) === words) ?? all.find(e => text(e).includes(words));
    })()\
    """
        .formatted(Json.writeAscii(quoted));
  }

  /** The id of the object that an expression gives. */
  private String element(String expression) throws BrowserFault, InterruptedException {
    place(true);
    JsonNode id = evaluate(expression, false).path("objectId");
    if (id.asText().isEmpty()) {
      throw BrowserFault.of("no such element on the page");
    }
    return id.asText();
  }

  private static ObjectNode object(String element) {
    return Json.object().put("objectId", element);
  }

  private void on(String element, String script) throws BrowserFault, InterruptedException {
    call(
        "Runtime.callFunctionOn",
        object(element).put("functionDeclaration", "function() { " + script + " }"));
  }

  private JsonNode evaluate(String expression, boolean byValue)
      throws BrowserFault, InterruptedException {
    JsonNode answer =
        call(
            "Runtime.evaluate",
            Json.object().put("expression", expression).put("returnByValue", byValue));
    if (answer.has("exceptionDetails")) {
      throw BrowserFault.of("the selector is not valid CSS");
    }
    return answer.path("result");
  }

  private JsonNode call(String method, ObjectNode params)
      throws BrowserFault, InterruptedException {
    return page.call(method, params, deadline);
  }
}
