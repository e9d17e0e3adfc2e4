/** What the agent says about itself: {@code GET /health} and {@code GET /info}. */
@NullMarked
package ai.liberclaw.agent.health;

import org.jspecify.annotations.NullMarked;
