package ai.liberclaw.testkit.browser;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** One tab of a {@link Browser}, used as a person uses it: by mouse, keys and eyes. */
public final class Page implements AutoCloseable {
  private static final Duration WAIT_MAX = Duration.ofSeconds(20);
  private static final int SHIFT = 8;

  private final DevTools devTools;
  private final Optional<String> session;
  private final String context;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  Page(DevTools devTools, String session, String context) {
    this.devTools = devTools;
    this.session = Optional.of(session);
    this.context = context;
    devTools.listen((from, message) -> {
      if (from.equals(session)) {
        heard(message.path("method").asText(""), message.path("params"));
      }
    });
    for (String domain : List.of("Page", "Runtime", "Network", "Log", "DOM")) {
      call(domain + ".enable", Json.object());
    }
  }

  private void heard(String method, JsonNode params) {
    switch (method) {
      case "Network.requestWillBeSent" ->
          requests.add(params.path("request").path("url").asText(""));
      case "Runtime.exceptionThrown" -> problems.add(params.path("exceptionDetails").toString());
      case "Log.entryAdded" -> {
        if (params.path("entry").path("level").asText("").equals("error")) {
          problems.add(params.path("entry").toString());
        }
      }
      case "Runtime.consoleAPICalled" -> {
        if (params.path("type").asText("").equals("error")) {
          problems.add(params.path("args").toString());
        }
      }
      default -> {
        // Of no interest to a test.
      }
    }
  }

  /** Addresses of all requests so far, {@code blob:} and {@code data:} among them. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Errors in the console so far: of scripts, of the network, of the content policy. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /**
   * Drops the problems that mention this, because the test made them on purpose.
   *
   * @return whether there were any
   */
  public boolean forgetProblems(String mention) {
    return problems.removeIf(problem -> problem.contains(mention));
  }

  /** Goes to an address; a script's {@link #until} tells when it is there. */
  public void open(String address) {
    JsonNode result = call("Page.navigate", Json.object().put("url", address));
    if (result.has("errorText")) {
      throw new AssertionError(address + ": " + result.path("errorText"));
    }
  }

  public void reload() {
    call("Page.reload", Json.object());
  }

  /**
   * The value of an expression, which may be a promise.
   *
   * @throws AssertionError when it throws
   */
  public JsonNode evaluate(String expression) {
    JsonNode answer =
        call(
            "Runtime.evaluate",
            Json.object()
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
    }
    return answer.path("result").path("value");
  }

  /** Waits until an expression is true. */
  public void until(String expression) {
    try {
      Await.until(expression, WAIT_MAX, () -> evaluate("!!(" + expression + ")").booleanValue());
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + visibleText() + "\n" + problems, e);
    }
  }

  /** Waits until the page shows these words. */
  public void untilShown(String words) {
    until("document.body?.innerText.includes(" + quoted(words) + ")");
  }

  public String visibleText() {
    return evaluate("document.body ? document.body.innerText : ''").asText();
  }

  /** Clicks into the middle of an element once it is there. */
  public void click(String selector) {
    String element = "document.querySelector(" + quoted(selector) + ")";
    until(element + "?.checkVisibility() && !" + element + ".disabled");
    JsonNode at =
        evaluate(
            "(() => { const e = "
                + element
                + "; e.scrollIntoView({block: 'nearest', behavior: 'instant'});"
                + " const r = e.getBoundingClientRect();"
                + " return [r.x + r.width / 2, r.y + r.height / 2]; })()");
    for (String type : List.of("mousePressed", "mouseReleased")) {
      call(
          "Input.dispatchMouseEvent",
          Json.object()
              .put("type", type)
              .put("x", at.path(0).doubleValue())
              .put("y", at.path(1).doubleValue())
              .put("button", "left")
              .put("clickCount", 1));
    }
  }

  /** Writes into what has the focus. */
  public void type(String text) {
    call("Input.insertText", Json.object().put("text", text));
  }

  /** Presses {@code Enter}, {@code Escape} or {@code Tab}. */
  public void press(String key) {
    press(key, 0);
  }

  public void pressWithShift(String key) {
    press(key, SHIFT);
  }

  private void press(String key, int modifiers) {
    int code =
        switch (key) {
          case "Enter" -> 13;
          case "Escape" -> 27;
          case "Tab" -> 9;
          default -> throw new IllegalArgumentException("no such key here: " + key);
        };
    ObjectNode event =
        Json.object()
            .put("type", "keyDown")
            .put("key", key)
            .put("code", key)
            .put("modifiers", modifiers)
            .put("windowsVirtualKeyCode", code);
    if (code == 13) {
      event.put("text", "\r");
    }
    call("Input.dispatchKeyEvent", event);
    event.remove("text");
    call("Input.dispatchKeyEvent", event.put("type", "keyUp"));
  }

  /** Chooses files in a file field. */
  public void chooseFiles(String selector, Path... files) {
    int root = call("DOM.getDocument", Json.object()).path("root").path("nodeId").intValue();
    int node =
        call("DOM.querySelector", Json.object().put("nodeId", root).put("selector", selector))
            .path("nodeId")
            .intValue();
    ObjectNode parameters = Json.object().put("nodeId", node);
    for (Path file : files) {
      parameters.withArray("files").add(file.toString());
    }
    call("DOM.setFileInputFiles", parameters);
  }

  /** The size of the visible part, in CSS pixels. */
  public void size(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Json.object()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  /** What the person's system asks for: {@code dark} or {@code light}. */
  public void colours(String scheme) {
    ObjectNode parameters = Json.object();
    parameters
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", scheme);
    call("Emulation.setEmulatedMedia", parameters);
  }

  /** Saves what is visible as a PNG. */
  public void screenshot(Path file) {
    byte[] png =
        Base64.getDecoder()
            .decode(call("Page.captureScreenshot", Json.object()).path("data").textValue());
    try {
      Files.write(file, png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    devTools.call(
        Optional.empty(),
        "Target.disposeBrowserContext",
        Json.object().put("browserContextId", context));
  }

  private JsonNode call(String method, ObjectNode parameters) {
    return devTools.call(session, method, parameters);
  }

  private static String quoted(String text) {
    return Json.write(Json.object().textNode(text));
  }
}
