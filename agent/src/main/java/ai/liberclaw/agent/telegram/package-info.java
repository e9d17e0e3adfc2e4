/** The agent's own Telegram bot: who may write to it, what they say, and what they are told. */
@NullMarked
package ai.liberclaw.agent.telegram;

import org.jspecify.annotations.NullMarked;
