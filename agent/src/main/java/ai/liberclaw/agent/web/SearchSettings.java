package ai.liberclaw.agent.web;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Who searches the web for the agent.
 *
 * @param braveKey empty for none: then Brave is not asked
 * @param libertAiUrl empty when LibertAI is not asked
 * @param libertAiKey may be empty
 */
public record SearchSettings(
    String braveUrl, String braveKey, String libertAiUrl, String libertAiKey) {
  private static final String BRAVE = "https://api.search.brave.com";
  private static final String LIBERTAI = "https://search.libertai.io";
  private static final String LIBERTAI_DOMAIN = "libertai.io";

  /** No search at all. */
  public static final SearchSettings NONE = new SearchSettings(BRAVE, "", "", "");

  /**
   * Reads the variables and notes their problems in the reader. The key for inference goes to
   * LibertAI's search only when it is LibertAI's, or when the owner has named the server to send it
   * to: it is nobody else's business.
   *
   * @param inferenceUrl whose key the inference key is
   */
  public static SearchSettings fromEnv(
      EnvReader env, String braveKey, String inferenceUrl, String inferenceKey) {
    String brave = env.text("BRAVE_SEARCH_BASE_URL", BRAVE, "Brave Search API, for web_search");
    Optional<String> named =
        env.optional(
            "LIBERTAI_SEARCH_BASE_URL",
            "search service that gets the inference key; default "
                + LIBERTAI
                + " with LibertAI's models");
    boolean libertAi = !inferenceKey.isEmpty() && isLibertAi(inferenceUrl);
    String search = named.map(String::strip).orElse(libertAi ? LIBERTAI : "");
    return new SearchSettings(
        checked(env, "BRAVE_SEARCH_BASE_URL", brave),
        braveKey,
        search.isEmpty() ? "" : checked(env, "LIBERTAI_SEARCH_BASE_URL", search),
        inferenceKey);
  }

  /**
   * In the order in which they are asked. Their addresses are the owner's choice, and so they may
   * lie in a private network or on this machine, where the tools' own requests may not go.
   *
   * @param allowHosts what else requests may reach, see {@link AddressPolicy}
   */
  public List<SearchService> services(Collection<String> allowHosts) {
    List<String> reachable = new ArrayList<>(allowHosts);
    for (String url : List.of(braveUrl, libertAiUrl)) {
      if (!url.isEmpty()) {
        reachable.add(URI.create(url).getAuthority());
      }
    }
    GuardedClient client = new GuardedClient(new AddressPolicy(reachable));
    List<SearchService> services = new ArrayList<>();
    if (!braveKey.isEmpty()) {
      services.add(new BraveSearch(client, braveUrl, braveKey));
    }
    if (!libertAiUrl.isEmpty()) {
      services.add(new LibertAiSearch(client, libertAiUrl, libertAiKey));
    }
    return services;
  }

  private static boolean isLibertAi(String url) {
    try {
      String host = String.valueOf(URI.create(url).getHost()).toLowerCase(Locale.ROOT);
      return host.equals(LIBERTAI_DOMAIN) || host.endsWith("." + LIBERTAI_DOMAIN);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String checked(EnvReader env, String name, String url) {
    String plain = url.strip().replaceAll("/+$", "");
    try {
      URI uri = URI.create(plain);
      String scheme = String.valueOf(uri.getScheme());
      if (uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
        return plain;
      }
    } catch (IllegalArgumentException _) {
      // Told below, as any other that is no web address.
    }
    env.problem(name, "must be an http or https address");
    return "";
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "SearchSettings[brave=" + !braveKey.isEmpty() + ", libertAi=" + libertAiUrl + "]";
  }
}
