/** Messages that wait until somebody fetches them: {@code GET /pending}. */
@NullMarked
package ai.liberclaw.agent.pending;

import org.jspecify.annotations.NullMarked;
