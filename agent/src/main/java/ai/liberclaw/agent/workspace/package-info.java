/** The agent's folder: what lies in it, what may be read or written there, and its HTTP routes. */
@NullMarked
package ai.liberclaw.agent.workspace;

import org.jspecify.annotations.NullMarked;
