/** Telegram's Bot API on loopback, for tests and by hand. */
@NullMarked
package ai.liberclaw.testkit.telegram;

import org.jspecify.annotations.NullMarked;
