/** Full-text search of what was said. */
@NullMarked
package ai.liberclaw.agent.search;

import org.jspecify.annotations.NullMarked;
