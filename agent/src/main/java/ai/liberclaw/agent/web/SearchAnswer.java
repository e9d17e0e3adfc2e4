package ai.liberclaw.agent.web;

import java.util.List;

/**
 * What a search service found.
 *
 * @param enginesFailed engines that it asked in vain; empty where it does not say
 */
public record SearchAnswer(List<SearchResult> results, List<String> enginesFailed) {
  public SearchAnswer {
    results = List.copyOf(results);
    enginesFailed = List.copyOf(enginesFailed);
  }
}
