/** The browser, with a real Chromium. */
@NullMarked
package ai.liberclaw.agent.browser;

import org.jspecify.annotations.NullMarked;
