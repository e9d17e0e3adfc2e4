package ai.liberclaw.agent.browser;

import ai.liberclaw.agent.browser.PageActions.Place;
import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.tool.Cut;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.ToolSchema;
import ai.liberclaw.agent.tool.Untrusted;
import ai.liberclaw.agent.tool.shell.ChildServers;
import ai.liberclaw.core.http.AddressPolicy;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** {@code browser}: one page per chat in a real browser, for sites that need scripts. */
public final class BrowserTool implements Tool, AutoCloseable {
  /** For one call, the start of the browser included. */
  static final Duration CALL_MAX = Duration.ofSeconds(30);

  static final int TEXT_LENGTH_MAX = 50_000;
  private static final List<String> ACTIONS =
      List.of("goto", "extract", "click", "type", "screenshot", "back");

  private final boolean enabled;
  private final Optional<String> program;
  private final UnaryOperator<String> mask;
  private final Optional<Running> running;

  /** What there is where the tool is of use. */
  private record Running(ChildServers servers, ChatPages pages) {}

  /**
   * @param data a folder of the browser's own, outside of the workspace
   * @param policy which addresses it may reach
   * @param mask applied to what pages say
   */
  public BrowserTool(
      BrowserSettings settings,
      Sandbox sandbox,
      Path data,
      AddressPolicy policy,
      UnaryOperator<String> mask) {
    this(settings, sandbox, data, policy, mask, ChatPages.IDLE_MAX);
  }

  BrowserTool(
      BrowserSettings settings,
      Sandbox sandbox,
      Path data,
      AddressPolicy policy,
      UnaryOperator<String> mask,
      Duration idleMax) {
    this.enabled = settings.enabled();
    this.program = settings.enabled() ? Chromium.program(sandbox) : Optional.empty();
    this.mask = mask;
    this.running =
        program.map(path -> {
          ChildServers servers = new ChildServers(sandbox, data);
          boolean root = sandbox.user().isEmpty() && System.getProperty("user.name").equals("root");
          return new Running(
              servers, new ChatPages(new Starter(servers, path, policy, root), idleMax));
        });
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "browser",
            "Use a real web browser, for pages that need scripts. This chat has one page, which"
                + " stays open between calls. goto opens a url; extract gives the page's text with"
                + " links, fields and buttons, or that of one selector; click takes a selector, or"
                + " the text of a link or button; type fills the field of a selector with a text (a"
                + " line break at its end presses Enter); screenshot shows you the page; back goes"
                + " to the page before. Public http and https addresses only.")
        .choice("action", ACTIONS, "What to do")
        .required()
        .optional("url", "string", "For goto: http:// or https:// URL")
        .optional("selector", "string", "For extract, click, type: CSS selector")
        .optional("text", "string", "For type: the text; for click: words on a link or button")
        .definition();
  }

  @Override
  public boolean imageAware() {
    return true;
  }

  @Override
  public boolean boundsResult() {
    return true;
  }

  @Override
  public Optional<String> unavailable() {
    if (!enabled) {
      return Optional.of("BROWSER_ENABLED is not true");
    }
    return program.isEmpty()
        ? Optional.of("Chromium is not installed where tools can start it")
        : Optional.empty();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    Deadline deadline = Deadline.in(CALL_MAX);
    Optional<String> wrong = wrong(arguments);
    if (wrong.isPresent()) {
      return ToolResult.error(wrong.get());
    }
    try {
      ToolResult result =
          running
              .orElseThrow()
              .pages()
              .with(
                  context.chatId(),
                  deadline,
                  page -> done(arguments, new PageActions(page, deadline)));
      return result.withContent(mask.apply(result.content()));
    } catch (BrowserFault e) {
      return ToolResult.error(mask.apply(String.valueOf(e.getMessage())));
    }
  }

  private static String argument(ObjectNode arguments, String name) {
    return arguments.path(name).asText("");
  }

  private static Optional<String> wrong(ObjectNode arguments) {
    String action = argument(arguments, "action");
    boolean selector = !argument(arguments, "selector").isBlank();
    boolean text = !argument(arguments, "text").isBlank();
    return switch (action) {
      case "goto" -> wrongUrl(argument(arguments, "url").strip());
      case "click" ->
          selector || text ? Optional.empty() : Optional.of("click needs a selector or a text");
      case "type" ->
          selector && arguments.has("text")
              ? Optional.empty()
              : Optional.of("type needs a selector and a text");
      default -> Optional.empty();
    };
  }

  private static Optional<String> wrongUrl(String url) {
    if (!url.regionMatches(true, 0, "http://", 0, 7)
        && !url.regionMatches(true, 0, "https://", 0, 8)) {
      return Optional.of("URL must start with http:// or https://");
    }
    String authority = url.substring(url.indexOf("//") + 2).split("[/?#\\\\]", 2)[0];
    return authority.contains("@")
        ? Optional.of("URL with a user name or password")
        : Optional.empty();
  }

  private static ToolResult done(ObjectNode arguments, PageActions actions)
      throws IOException, InterruptedException {
    String selector = argument(arguments, "selector").strip();
    String text = argument(arguments, "text");
    return switch (argument(arguments, "action")) {
      case "goto" -> told(actions.open(argument(arguments, "url").strip()));
      case "click" -> told(actions.click(selector, text));
      case "type" -> told(actions.type(selector, text));
      case "back" -> told(actions.back());
      case "screenshot" -> screenshot(actions);
      default -> extracted(actions, selector);
    };
  }

  private static ToolResult told(Place place) {
    String state = place.loaded() ? "" : "\n[it has not finished loading]";
    return ToolResult.text(Untrusted.wrap(place.url(), place.url() + "\n" + place.title()) + state);
  }

  private static ToolResult screenshot(PageActions actions)
      throws IOException, InterruptedException {
    String url = actions.place(true).url();
    byte[] shot = actions.screenshot();
    return ToolResult.text(Untrusted.wrap(url, "(a picture of the page, which you are shown next)"))
        .withImages(List.of(Images.of(shot, "image/png")));
  }

  private static ToolResult extracted(PageActions actions, String selector)
      throws IOException, InterruptedException {
    String url = actions.place(true).url();
    String text = PageText.of(actions.html(selector), url);
    if (text.isBlank()) {
      return ToolResult.text("(the page shows no text)");
    }
    return text.length() <= TEXT_LENGTH_MAX
        ? ToolResult.text(Untrusted.wrap(url, text))
        : ToolResult.text(
            Untrusted.wrap(url, Cut.head(text, TEXT_LENGTH_MAX))
                + "\n\n[... truncated: "
                + text.length()
                + " characters in total ...]");
  }

  /** Ends the browser; nothing of it is left. */
  @Override
  public void close() {
    running.ifPresent(parts -> {
      parts.pages().close();
      parts.servers().close();
    });
  }
}
