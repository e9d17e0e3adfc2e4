package ai.liberclaw.agent.web;

/** Somebody who searches the web for us. */
public sealed interface SearchService permits BraveSearch, LibertAiSearch {
  /** Names it to the model. */
  String name();

  /**
   * @param count results wanted, at most
   */
  SearchAnswer search(String query, int count) throws SearchException, InterruptedException;
}
