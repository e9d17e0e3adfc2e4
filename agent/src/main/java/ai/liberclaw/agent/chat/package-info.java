/** Talking to the agent over HTTP: send a message, follow a chat, read back, stop, delete. */
@NullMarked
package ai.liberclaw.agent.chat;

import org.jspecify.annotations.NullMarked;
