/** A real Chromium without a window, driven over the Chrome DevTools Protocol. */
@NullMarked
package ai.liberclaw.testkit.browser;

import org.jspecify.annotations.NullMarked;
