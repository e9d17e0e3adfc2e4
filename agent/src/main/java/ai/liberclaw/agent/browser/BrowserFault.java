package ai.liberclaw.agent.browser;

import java.io.IOException;

/** Why a browser did not do something. The message is for models and may be shown to people. */
final class BrowserFault extends IOException {
  private final boolean lost;

  private BrowserFault(String message, boolean lost) {
    super(message);
    this.lost = lost;
  }

  static BrowserFault of(String message) {
    return new BrowserFault(message, false);
  }

  /** The page or the whole browser is of no more use. */
  static BrowserFault lost(String message) {
    return new BrowserFault(message, true);
  }

  boolean lost() {
    return lost;
  }
}
