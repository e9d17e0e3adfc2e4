/**
 * The turn: one user message to its final answer. The loop, its journal port, and the event log
 * that every reader of a chat follows. Knows neither HTTP nor SQL.
 */
@NullMarked
package ai.liberclaw.agent.turn;

import org.jspecify.annotations.NullMarked;
