package ai.liberclaw.agent.browser;

import ai.liberclaw.core.config.EnvReader;

/**
 * Whether the model gets a browser.
 *
 * @param enabled by the owner; it also needs a Chromium on the machine
 */
public record BrowserSettings(boolean enabled) {
  public static BrowserSettings fromEnv(EnvReader read) {
    return new BrowserSettings(
        read.flag("BROWSER_ENABLED", false, "offer the browser tool, which needs Chromium"));
  }
}
