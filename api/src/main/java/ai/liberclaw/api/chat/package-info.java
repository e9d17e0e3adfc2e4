/**
 * Relays conversations between clients and agents: an agent's event stream passes as bytes, and
 * every stream ends the way the contract promises, whatever the agent, the client or the network
 * does.
 */
@NullMarked
package ai.liberclaw.api.chat;

import org.jspecify.annotations.NullMarked;
