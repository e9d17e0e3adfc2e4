package ai.liberclaw.deploy.agent;

/** How many agents each tier may have, in any state. An unknown tier counts as free. */
public record Quotas(int guest, int free, int pro) {
  public int agents(String tier) {
    return switch (tier) {
      case "guest" -> guest;
      case "pro" -> pro;
      default -> free;
    };
  }
}
