package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.web.SearchAnswer;
import ai.liberclaw.agent.web.SearchException;
import ai.liberclaw.agent.web.SearchResult;
import ai.liberclaw.agent.web.SearchService;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code web_search}: asks a search service, and the next one when that one fails. */
public final class WebSearchTool implements Tool {
  private static final int COUNT_DEFAULT = 5;
  private static final int COUNT_MAX = 10;

  /** A search that so many engines did not take part in is worth a warning. */
  private static final int FAILED_ENGINES_TOLD = 2;

  private final List<SearchService> services;

  /**
   * @param services in the order in which they are asked
   */
  public WebSearchTool(List<SearchService> services) {
    this.services = List.copyOf(services);
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "web_search",
            "Search the web. Gives title, URL and a snippet of each result; read a page with"
                + " web_fetch.")
        .required("query", "string", "What to search for")
        .integer("count", 1, COUNT_MAX, COUNT_DEFAULT, "How many results")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public Optional<String> unavailable() {
    return services.isEmpty()
        ? Optional.of("BRAVE_API_KEY not configured, and no key for LibertAI's search")
        : Optional.empty();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) throws InterruptedException {
    String query = arguments.path("query").asText();
    if (query.isBlank()) {
      return ToolResult.error("query must not be empty");
    }
    int count = arguments.path("count").asInt(COUNT_DEFAULT);
    List<String> failures = new ArrayList<>();
    for (SearchService service : services) {
      try {
        return ToolResult.text(shown(service.search(query, count)));
      } catch (SearchException e) {
        failures.add(services.size() == 1 ? e.reason() : service.name() + ": " + e.reason());
      }
    }
    return ToolResult.error(
        failures.isEmpty() ? "BRAVE_API_KEY not configured" : String.join("; ", failures));
  }

  private static String shown(SearchAnswer answer) {
    List<String> failed = answer.enginesFailed();
    String warning =
        failed.size() < FAILED_ENGINES_TOLD
            ? ""
            : "[warning: "
                + failed.size()
                + " search engines failed ("
                + String.join(", ", failed)
                + "); results may be incomplete]\n\n";
    if (answer.results().isEmpty()) {
      return warning + "(no results found)";
    }
    List<String> blocks = answer.results().stream().map(WebSearchTool::block).toList();
    return warning + Untrusted.wrap("a web search", String.join("\n\n", blocks));
  }

  private static String block(SearchResult result) {
    return "**" + result.title() + "**\n" + result.url() + "\n" + result.snippet();
  }
}
