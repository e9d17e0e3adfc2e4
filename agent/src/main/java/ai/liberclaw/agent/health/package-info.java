/** What the agent says about itself: {@code GET /health}. */
@NullMarked
package ai.liberclaw.agent.health;

import org.jspecify.annotations.NullMarked;
