/**
 * What keeps the programs that tools start apart from the agent: another Unix user, a bubblewrap
 * sandbox, or only an emptied environment. Which one is found out at start, by trying.
 */
@NullMarked
package ai.liberclaw.agent.sandbox;

import org.jspecify.annotations.NullMarked;
