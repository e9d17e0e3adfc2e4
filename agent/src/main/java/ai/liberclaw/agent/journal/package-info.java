/**
 * The agent's conversations on SQLite: turns and their write-ahead journal, rows of chats, the
 * event log. All writing goes through one thread that groups transactions into commits.
 */
@NullMarked
package ai.liberclaw.agent.journal;

import org.jspecify.annotations.NullMarked;
