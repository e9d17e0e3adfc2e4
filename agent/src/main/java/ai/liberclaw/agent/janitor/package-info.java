/** Keeps what the agent piles up by itself within limits. */
@NullMarked
package ai.liberclaw.agent.janitor;

import org.jspecify.annotations.NullMarked;
