package ai.liberclaw.agent.web;

/** A search service did not answer; the reason is for the model. */
public final class SearchException extends Exception {
  private final String reason;

  SearchException(String reason) {
    super(reason);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
